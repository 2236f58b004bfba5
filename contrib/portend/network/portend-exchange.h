/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_EXCHANGE_H
#define PORTEND_EXCHANGE_H

#include "portend-fifo.h"
#include "portend-path.h"
#include "portend-request.h"
#include "portend-tcp-stream.h"

#include "ns3/ipv4-address.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/ptr.h"

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief The messages from one node to another, and what they meet on their way.
 *
 * The bytes of a message are simulated by their number alone. What they would say stays here, and
 * the receiving end takes it by the message's number, which the header carries.
 */
struct PortendFlow
{
    /// A message of which parts are still missing.
    struct Partial
    {
        uint64_t number{0};   //!< its number
        uint32_t received{0}; //!< bytes so far
    };

    uint32_t from{0};                     //!< node that sends
    uint32_t to{0};                       //!< node that receives
    PortendPath path;                     //!< the links between them
    std::vector<uint32_t> arcs;           //!< directions of them: 2 j is link j up, 2 j + 1 down
    Ipv4Address address;                  //!< of the receiver, as the sender knows it
    uint64_t count{0};                    //!< messages sent so far
    uint64_t packets{0};                  //!< packets of them, where trains carry them
    uint32_t largestBytes{0};             //!< size of the largest message so far, or announced
    PortendFifo<PortendMessage> underWay; //!< by rising number
    std::vector<Partial> partials;        //!< in the order in which they began
    Ptr<PortendTcpStream> stream;         //!< the same over TCP; null over others

    /**
     * @brief Tell whether a message is under way.
     * @param number of the message
     * @return true if so
     */
    bool Has(uint64_t number) const;

    /**
     * @brief Take a message that has arrived, or that is given up.
     * @param number of the message
     * @return the message; without a request if it is not under way
     */
    PortendMessage Take(uint64_t number);

    /**
     * @brief Forget messages of which no byte can arrive any more.
     * @param number of the first that is kept
     */
    void ForgetBefore(uint64_t number);
};

class PortendTrains;

/**
 * @ingroup portend
 * @brief What blocks those who would send tensors to a node.
 */
class PortendGate
{
  public:
    virtual ~PortendGate() = default;

    /**
     * @brief Ask for a place before sending a tensor.
     * @param node of the sender
     * @param send called when there is room
     */
    virtual void Reserve(Ptr<Node> node, std::function<void()> send) = 0;
};

/**
 * @ingroup portend
 * @brief What the nodes of a network share: addresses, paths, and messages under way.
 *
 * Nodes are numbered from 0. Paths are made for the pairs of nodes that exchange messages, when
 * they are first asked for.
 */
class PortendExchange : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendExchange();
    ~PortendExchange() override;

    /// What lies between two nodes.
    struct Way
    {
        PortendPath path;           //!< the links, in the order of travel
        std::vector<uint32_t> arcs; //!< directions of them: 2 j is link j up, 2 j + 1 down
        Ipv4Address address;        //!< of the receiver, as the sender knows it
    };

    /// Finds the way from one node to another, and lets packets take it.
    using WayFinder = std::function<Way(uint32_t from, uint32_t to)>;

    /**
     * @brief Say who finds ways.
     * @param finder called once for each pair of nodes
     */
    void SetWayFinder(WayFinder finder);

    /**
     * @brief Let messages travel as trains.
     * @param trains the packets on all links
     */
    void SetTrains(Ptr<PortendTrains> trains);

    /// @return the packets on all links; null if devices and stacks of the nodes carry them
    Ptr<PortendTrains> GetTrains() const;

    /**
     * @brief Add a node.
     * @param node the node
     * @return its number
     */
    uint32_t AddNode(Ptr<Node> node);

    /**
     * @brief Get a node.
     * @param index its number
     * @return the node
     */
    Ptr<Node> GetNode(uint32_t index) const;

    /**
     * @brief Let a node block those who would send tensors to it.
     * @param index number of the node
     * @param gate asked before tensors are sent
     */
    void SetGate(uint32_t index, PortendGate* gate);

    /**
     * @brief Find what blocks senders of tensors to a node.
     * @param index number of the node
     * @return the gate; null if nothing blocks them
     */
    PortendGate* FindGate(uint32_t index) const;

    /**
     * @brief Make an address known.
     * @param address the address
     * @param index number of the node that has it
     */
    void AddAddress(Ipv4Address address, uint32_t index);

    /**
     * @brief Find the node that has an address.
     * @param address the address
     * @return its number; UINT32_MAX if it is none's
     */
    uint32_t FindNode(Ipv4Address address) const;

    /**
     * @brief Get the messages from one node to another.
     * @param from node that sends
     * @param to another node
     * @return the flow, made when it is asked for first
     */
    PortendFlow& GetFlow(uint32_t from, uint32_t to);

    /**
     * @brief A message enters the network.
     * @param flow which it is of
     */
    void Enter(const PortendFlow& flow);

    /**
     * @brief A message leaves the network.
     * @param flow which it is of
     * @param sent when it entered
     * @return whether no other was on any of its links meanwhile
     */
    bool Leave(const PortendFlow& flow, Time sent);

  protected:
    void DoDispose() override;

  private:
    /// Messages whose paths take a link, either way.
    struct Traffic
    {
        uint64_t messages{0};         //!< under way
        Time lastShared{Time::Min()}; //!< when there were two or more of them
    };

    WayFinder m_finder;                                 //!< finds ways
    Ptr<PortendTrains> m_trains;                        //!< packets on all links; may be null
    std::vector<Ptr<Node>> m_nodes;                     //!< by number
    std::unordered_map<uint32_t, uint32_t> m_addresses; //!< nodes by address
    std::unordered_map<uint32_t, PortendGate*> m_gates; //!< by node that blocks its senders
    std::unordered_map<uint64_t, PortendFlow> m_flows;  //!< by sender and receiver
    std::unordered_map<uint32_t, Traffic> m_traffic;    //!< by link
};

} // namespace ns3

#endif // PORTEND_EXCHANGE_H
