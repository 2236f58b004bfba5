/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_ROUTING_H
#define PORTEND_ROUTING_H

#include "ns3/ipv4-address.h"
#include "ns3/ipv4-routing-protocol.h"
#include "ns3/ipv4.h"

#include <cstdint>
#include <unordered_map>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Forwards packets to the addresses that it has been told of, one look-up a packet.
 */
class PortendRouting : public Ipv4RoutingProtocol
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Say where packets to an address leave the node.
     * @param destination the address
     * @param interface that they leave by
     * @param gateway address of the neighbor
     * @param source address that packets of this node's own have, where others reply to; none if
     *        the node only forwards them
     */
    void AddRoute(Ipv4Address destination,
                  uint32_t interface,
                  Ipv4Address gateway,
                  Ipv4Address source = Ipv4Address::GetAny());

    Ptr<Ipv4Route> RouteOutput(Ptr<Packet> packet,
                               const Ipv4Header& header,
                               Ptr<NetDevice> device,
                               Socket::SocketErrno& error) override;

  private:
    /// Types of the callbacks of RouteInput(): by value or by reference, as the release has it.
    template <typename T>
    struct Arguments;

    /// The same.
    template <typename R, typename C, typename U, typename M, typename L, typename E>
    struct Arguments<R (
        C::*)(Ptr<const Packet>, const Ipv4Header&, Ptr<const NetDevice>, U, M, L, E)>
    {
        using Unicast = U;   //!< forwards to one
        using Multicast = M; //!< forwards to many
        using Local = L;     //!< delivers
        using Error = E;     //!< tells of errors
    };

    /// Types of the callbacks of this release.
    using Callbacks = Arguments<decltype(&Ipv4RoutingProtocol::RouteInput)>;

  public:
    bool RouteInput(Ptr<const Packet> packet,
                    const Ipv4Header& header,
                    Ptr<const NetDevice> device,
                    Callbacks::Unicast forward,
                    Callbacks::Multicast forwardToMany,
                    Callbacks::Local deliver,
                    Callbacks::Error fail) override;
    void NotifyInterfaceUp(uint32_t interface) override;
    void NotifyInterfaceDown(uint32_t interface) override;
    void NotifyAddAddress(uint32_t interface, Ipv4InterfaceAddress address) override;
    void NotifyRemoveAddress(uint32_t interface, Ipv4InterfaceAddress address) override;
    void SetIpv4(Ptr<Ipv4> ipv4) override;
    void PrintRoutingTable(Ptr<OutputStreamWrapper> stream, Time::Unit unit) const override;

  protected:
    void DoDispose() override;

  private:
    /**
     * @brief Find the route to an address.
     * @param destination the address
     * @return the route; null if there is none
     */
    Ptr<Ipv4Route> Find(Ipv4Address destination) const;

    Ptr<Ipv4> m_ipv4;                                      //!< the node's
    std::unordered_map<uint32_t, Ptr<Ipv4Route>> m_routes; //!< by destination
};

} // namespace ns3

#endif // PORTEND_ROUTING_H
