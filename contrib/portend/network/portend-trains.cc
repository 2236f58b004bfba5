/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-trains.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendTrains");

NS_OBJECT_ENSURE_REGISTERED(PortendTrains);

namespace
{

/// Header of an IPv4 packet, bytes.
constexpr uint32_t IP_HEADER_BYTES = 20;

/// Header of UDP, bytes.
constexpr uint32_t UDP_HEADER_BYTES = 8;

/// Header of a datagram's part of a message, bytes: that of PortendHeader.
constexpr uint32_t PART_HEADER_BYTES =
    PortendPath::UDP_HEADERS.packetBytes - IP_HEADER_BYTES - UDP_HEADER_BYTES;

/// IPv4's message that pieces have waited too long: its own header, ICMP's 8 bytes, and the header
/// and 8 bytes of what it tells of.
constexpr uint32_t NOTICE_BYTES = IP_HEADER_BYTES + 8 + IP_HEADER_BYTES + 8;

/// How long pieces wait for the others, ns: ns-3's default.
constexpr int64_t EXPIRY_NS = 30'000'000'000;

/// What IPv4 tells of, at least.
constexpr uint32_t MIN_NOTICED_BYTES = 8;

} // namespace

TypeId
PortendTrains::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendTrains")
                            .SetParent<Object>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendTrains>();
    return tid;
}

PortendTrains::PortendTrains()
    : m_any(Create<Packet>())
{
}

void
PortendTrains::SetExchange(PortendExchange* exchange)
{
    m_exchange = exchange;
}

void
PortendTrains::AddLink(DataRate rate,
                       Time delay,
                       uint32_t mtuBytes,
                       uint64_t queueBytes,
                       Ptr<RateErrorModel> loss,
                       Ptr<PortendLinkCourse> course)
{
    auto& link = m_links.emplace_back();
    link.rate = rate;
    link.delay = delay.GetNanoSeconds();
    link.mtuBytes = mtuBytes;
    link.queueBytes = queueBytes;
    link.loss = loss;
    link.lossRate = loss ? loss->GetRate() : 0;
    link.course = course;
}

void
PortendTrains::SetReceiver(uint32_t node, PortendTrainReceiver* receiver)
{
    m_receivers.resize(std::max<std::size_t>(m_receivers.size(), node + 1));
    m_receivers[node] = receiver;
}

void
PortendTrains::Finish(const Completion& completion)
{
    if (const auto& segment = completion.segment; segment.connection)
    {
        segment.connection->Finish(segment);
        return;
    }
    m_receivers[completion.flow->to]->Finish(*completion.flow, completion.number);
}

uint32_t
PortendTrains::GetContext(const Completion& completion) const
{
    return m_exchange->GetNode(completion.flow->to)->GetId();
}

const PortendLinkTraffic&
PortendTrains::GetTraffic(uint32_t link)
{
    Split(); // what has begun counts
    return m_links.at(link).traffic;
}

void
PortendTrains::SetLastEvent(uint32_t uid)
{
    m_uid = std::max(m_uid, uid);
}

bool
PortendTrains::HasNext() const
{
    return m_alone || !m_events.empty();
}

PortendTrains::Moment
PortendTrains::GetNext() const
{
    return m_alone ? Moment{m_alone->completed, m_order, m_uid} : m_events.front().moment;
}

void
PortendTrains::Clear()
{
    m_alone.reset();
    m_events.clear();
    m_assemblies.clear();
}

void
PortendTrains::DoDispose()
{
    NS_LOG_FUNCTION(this);
    Clear();
    m_links.clear();
    m_receivers.clear();
    m_trains.clear();
    Object::DoDispose();
}

PortendTrains::Moment
PortendTrains::Schedule(int64_t time)
{
    return {time, m_order++, m_uid};
}

void
PortendTrains::Push(const Event& event)
{
    m_events.push_back(event);
    std::push_heap(m_events.begin(), m_events.end());
}

std::optional<PortendTrains::Completion>
PortendTrains::RunNext()
{
    if (m_alone)
    {
        return Pass();
    }
    const auto event = m_events.front();
    std::pop_heap(m_events.begin(), m_events.end());
    m_events.pop_back();
    m_now = event.moment.time;
    switch (event.kind)
    {
    case ARRIVE:
        return Arrive(event.index);
    case EXPIRE:
        Expire(event.index);
        break;
    case FREE:
        auto& link = m_links[event.index];
        link.isBusy = false;
        if (!link.queue.IsEmpty())
        {
            auto& run = link.queue.Front();
            const auto packet = run.first;
            link.waitingBytes -= packet.bytes + PortendPath::FRAMING_BYTES;
            ++run.first.index;
            if (--run.count == 0)
            {
                link.queue.Pop();
            }
            Start(event.index, packet);
        }
    }
    return {};
}

uint32_t
PortendTrains::AddTrain(const Train& train)
{
    if (m_free.empty())
    {
        m_trains.push_back(train);
        return m_trains.size() - 1;
    }
    const auto index = m_free.back();
    m_free.pop_back();
    m_trains[index] = train;
    return index;
}

void
PortendTrains::Forget(uint32_t train, uint32_t count)
{
    m_trains[train].left -= count;
    if (m_trains[train].left == 0)
    {
        m_free.push_back(train);
    }
}

void
PortendTrains::Send(PortendFlow& flow, const PortendMessage& message)
{
    NS_LOG_FUNCTION(this << flow.from << flow.to << message.number);
    Split();
    m_now = Simulator::Now().GetNanoSeconds();
    if (m_events.empty() && IsPassable(flow, message.bytes))
    {
        const auto& stage = message.request->ledger.Current();
        const auto idle = stage[PortendLedger::PROPAGATION] + stage[PortendLedger::TRANSMISSION];
        m_alone = {&flow,
                   message.number,
                   message.bytes,
                   {m_now, 0, m_uid},
                   m_now + idle.GetNanoSeconds()};
        return;
    }
    Depart(flow, message.number, message.bytes);
}

void
PortendTrains::Send(PortendFlow& flow, const PortendTrainSegment& segment, uint32_t bytes)
{
    // An acknowledgment leaves when data arrives, between two events of the simulator.
    m_now = std::max(m_now, Simulator::Now().GetNanoSeconds());
    Car packet;
    packet.train = AddTrain({&flow, 0, flow.packets++, 0, 1, segment});
    packet.bytes = bytes;
    Forward(packet);
}

bool
PortendTrains::IsPassable(const PortendFlow& flow, uint32_t bytes) const
{
    const auto largest = flow.path.GetPackets(bytes).GetLargestBytes();
    const auto all = flow.path.GetLinkBytes(bytes);
    return std::all_of(flow.arcs.begin(), flow.arcs.end(), [&](auto arc) {
        const auto& link = m_links[arc];
        const bool isReliable = !link.loss && !(link.course && link.course->Fails());
        return isReliable && largest <= link.mtuBytes && all <= link.queueBytes;
    });
}

bool
PortendTrains::Split()
{
    if (!m_alone)
    {
        return false;
    }
    const auto alone = *m_alone;
    m_alone.reset();
    m_now = alone.sent.time;
    const auto uid = std::exchange(m_uid, alone.sent.uid);
    Depart(*alone.flow, alone.number, alone.bytes);
    m_uid = uid;
    return true;
}

std::optional<PortendTrains::Completion>
PortendTrains::Pass()
{
    const auto alone = *m_alone;
    m_alone.reset();
    m_now = alone.completed;
    auto& flow = *alone.flow;
    const auto packets = flow.path.GetPackets(alone.bytes);
    const auto onLink = flow.path.GetLinkBytes(alone.bytes);
    for (const auto arc : flow.arcs)
    {
        m_links[arc].traffic.sentBytes += onLink;
        m_links[arc].traffic.receivedBytes += onLink;
    }
    if (flow.path.HasEnergy() && flow.path.IsChanging())
    {
        const auto seconds = flow.path.GetTransmissionS(NanoSeconds(alone.sent.time), alone.bytes);
        for (std::size_t hop = 0; hop < seconds.size(); ++hop)
        {
            if (const auto& course = m_links[flow.arcs[hop]].course)
            {
                course->AddTransmission(seconds[hop]);
            }
        }
    }
    flow.packets += packets.count;
    auto& receiver = *m_receivers[flow.to];
    const auto last = packets.lastBytes - PortendPath::UDP_HEADERS.packetBytes;
    if (packets.count > 1)
    {
        receiver.Collect(flow, alone.number, alone.bytes, alone.bytes - last);
    }
    receiver.Collect(flow, alone.number, alone.bytes, last);
    return Completion{&flow, alone.number};
}

void
PortendTrains::Depart(PortendFlow& flow, uint64_t number, uint32_t bytes)
{
    const auto packets = flow.path.GetPackets(bytes);
    const auto count = static_cast<uint32_t>(packets.count);
    Car packet;
    packet.train = AddTrain({&flow, number, flow.packets, bytes, count});
    flow.packets += count;
    if (count > 1)
    {
        packet.bytes = packets.fullBytes;
        Enqueue(packet, count - 1);
    }
    packet.index = count - 1;
    packet.bytes = packets.lastBytes;
    Enqueue(packet, 1);
}

void
PortendTrains::Enqueue(const Car& packet, uint32_t count)
{
    const auto index = m_trains[packet.train].flow->arcs[packet.hop];
    auto& link = m_links[index];
    const uint64_t bytes = packet.bytes + PortendPath::FRAMING_BYTES;
    auto first = packet;
    if (!link.isBusy && bytes <= link.queueBytes)
    {
        Start(index, first);
        ++first.index;
        --count;
    }
    const auto room = (link.queueBytes - link.waitingBytes) / bytes;
    const auto taken = static_cast<uint32_t>(std::min<uint64_t>(count, room));
    if (taken > 0)
    {
        link.waitingBytes += taken * bytes;
        auto* last = link.queue.IsEmpty() ? nullptr : &link.queue.Back();
        if (last && !first.IsPiece() && !last->first.IsPiece() &&
            last->first.train == first.train && last->first.index + last->count == first.index &&
            last->first.bytes == first.bytes)
        {
            last->count += taken;
        }
        else
        {
            link.queue.Push({first, taken});
        }
    }
    if (const auto refused = count - taken; refused > 0)
    {
        link.traffic.droppedBytes += refused * bytes;
        link.traffic.droppedPackets += refused;
        Forget(packet.train, refused);
    }
}

void
PortendTrains::Start(uint32_t index, const Car& packet)
{
    auto& link = m_links[index];
    const auto bytes = packet.bytes + PortendPath::FRAMING_BYTES;
    link.isBusy = true;
    link.traffic.sentBytes += bytes;
    int64_t free = 0;
    int64_t arrives = 0;
    bool isLost = false;
    if (link.course)
    {
        const auto passage = link.course->Pass(NanoSeconds(m_now), bytes, link.lastArrival);
        link.course->AddTransmission(passage.GetTransmissionS(bytes));
        link.lastArrival = passage.arrives;
        free = passage.free.GetNanoSeconds();
        arrives = passage.arrives.GetNanoSeconds();
        isLost = passage.isLost;
    }
    else
    {
        if (bytes != link.packetBytes)
        {
            link.packetBytes = bytes;
            link.packetTime = link.rate.CalculateBytesTxTime(bytes).GetNanoSeconds();
        }
        free = m_now + link.packetTime;
        arrives = free + link.delay;
    }
    Push({Schedule(free), index, FREE});
    const auto arrival = Schedule(arrives);
    if (link.flying.IsEmpty())
    {
        Push({arrival, index, ARRIVE});
    }
    link.flying.Push({packet, arrival, isLost});
}

bool
PortendTrains::IsDamaged(const Link& link, bool isLost) const
{
    if (isLost || !link.loss)
    {
        return isLost;
    }
    if (link.course)
    {
        link.loss->SetRate(link.course->GetLoss(NanoSeconds(m_now), link.lossRate));
    }
    return link.loss->IsCorrupt(m_any);
}

std::optional<PortendTrains::Completion>
PortendTrains::Arrive(uint32_t index)
{
    auto& link = m_links[index];
    const auto flight = link.flying.Pop();
    auto packet = flight.packet;
    if (!link.flying.IsEmpty())
    {
        Push({link.flying.Front().moment, index, ARRIVE});
    }
    const auto bytes = packet.bytes + PortendPath::FRAMING_BYTES;
    if (IsDamaged(link, flight.isLost))
    {
        link.traffic.damagedBytes += bytes;
        ++link.traffic.damagedPackets;
        Forget(packet.train, 1);
        return {};
    }
    link.traffic.receivedBytes += bytes;
    ++packet.hop;
    if (packet.hop == m_trains[packet.train].flow->arcs.size())
    {
        auto completion = Receive(packet);
        Forget(packet.train, 1);
        return completion;
    }
    Forward(packet);
    return {};
}

void
PortendTrains::Forward(const Car& packet)
{
    const auto mtu = m_links[m_trains[packet.train].flow->arcs[packet.hop]].mtuBytes;
    if (packet.bytes <= mtu)
    {
        Enqueue(packet, 1);
        return;
    }
    const auto sizes = portend::FragmentPacket(packet.bytes, mtu);
    m_trains[packet.train].left += sizes.size() - 1;
    auto piece = packet;
    for (std::size_t i = 0; i < sizes.size(); ++i)
    {
        piece.bytes = sizes[i];
        piece.isFollowed = packet.isFollowed || i + 1 < sizes.size();
        const auto next = piece.offset + piece.bytes - IP_HEADER_BYTES;
        Enqueue(piece, 1);
        piece.offset = next;
    }
}

std::optional<PortendTrains::Completion>
PortendTrains::Receive(const Car& packet)
{
    const auto train = m_trains[packet.train];                // what answers it may move it
    if (train.messageBytes == 0 && !train.segment.connection) // ICMP's, which changes nothing
    {
        return {};
    }
    Piece whole{packet.offset, packet.bytes - IP_HEADER_BYTES, train.messageBytes, train.number};
    auto& flow = *train.flow;
    if (packet.IsPiece())
    {
        const auto complete = Assemble(flow,
                                       whole,
                                       static_cast<uint16_t>(train.firstPacket + packet.index),
                                       packet.isFollowed);
        if (!complete)
        {
            return {};
        }
        whole = *complete;
    }
    if (train.segment.connection)
    {
        return train.segment.connection->Arrive(train.segment)
                   ? std::optional<Completion>({&flow, 0, train.segment})
                   : std::nullopt;
    }
    const auto bytes = whole.bytes - UDP_HEADER_BYTES - PART_HEADER_BYTES;
    if (!m_receivers[flow.to]->Collect(flow, whole.number, whole.messageBytes, bytes))
    {
        return {};
    }
    return Completion{&flow, whole.number};
}

std::optional<PortendTrains::Piece>
PortendTrains::Assemble(PortendFlow& flow, const Piece& piece, uint16_t id, bool isFollowed)
{
    auto& node = m_assemblies[flow.to];
    const auto [at, isNew] = node.packets.try_emplace({&flow, id});
    auto& assembly = at->second;
    if (isNew)
    {
        // As in ns-3, an event for the first; those behind it are seen to when it happens.
        const auto expiry = m_now + EXPIRY_NS;
        if (node.expiries.empty())
        {
            Push({Schedule(expiry), flow.to, EXPIRE});
        }
        assembly.expiry = node.count++;
        node.expiries[assembly.expiry] = {expiry, at->first};
    }
    auto& pieces = assembly.pieces;
    const auto behind = std::find_if(pieces.begin(), pieces.end(), [&](const auto& other) {
        return other.offset > piece.offset;
    });
    if (behind == pieces.end())
    {
        assembly.isFollowed = isFollowed;
    }
    pieces.insert(behind, piece);
    if (assembly.isFollowed)
    {
        return {};
    }
    uint32_t end = 0;
    for (const auto& part : pieces)
    {
        if (end < part.offset)
        {
            return {};
        }
        end = std::max(end, part.offset + part.bytes);
    }
    auto whole = pieces.front();
    whole.bytes = end;
    node.expiries.erase(assembly.expiry);
    node.packets.erase(at);
    return whole;
}

void
PortendTrains::Expire(uint32_t index)
{
    auto& node = m_assemblies[index];
    auto& expiries = node.expiries;
    while (!expiries.empty() && expiries.begin()->second.first == m_now)
    {
        const auto key = expiries.begin()->second.second;
        const auto assembly = node.packets.at(key);
        uint32_t end = 0; // of what there is without a gap from the first piece
        for (const auto& piece : assembly.pieces)
        {
            end = piece.offset <= end ? std::max(end, piece.offset + piece.bytes) : end;
        }
        if (end > MIN_NOTICED_BYTES)
        {
            Car notice;
            notice.train =
                AddTrain({&m_exchange->GetFlow(key.first->to, key.first->from), 0, 0, 0, 1});
            notice.bytes = NOTICE_BYTES;
            Enqueue(notice, 1);
        }
        node.packets.erase(key);
        expiries.erase(expiries.begin());
    }
    if (!expiries.empty())
    {
        Push({Schedule(expiries.begin()->second.first), index, EXPIRE});
    }
}

} // namespace ns3
