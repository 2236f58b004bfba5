/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-world.h"

#include "portend-json.h"
#include "portend-option-json.h"
#include "portend-text.h"

#include "ns3/data-rate.h"
#include "ns3/hash.h"
#include "ns3/nstime.h"
#include "ns3/rng-stream.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace ns3
{

namespace
{

using Json = nlohmann::json;
using portend::InputError;

/// The two directions of a link, as files name them.
const std::array<std::string, 2> WAYS{"up", "down"};

/// Lists of a document whose entries have names, and what stands in them.
const std::map<std::string, PortendOption::Scope> LISTS{{"nodes", PortendOption::TIER},
                                                        {"links", PortendOption::LINK},
                                                        {"streams", PortendOption::SCENARIO},
                                                        {"background", PortendOption::SCENARIO}};

/**
 * @brief Require that something may be called by a name.
 * @param json the name
 * @return the name
 */
std::string
ReadName(const PortendJson& json)
{
    const auto name = json.GetString();
    const bool isFit = !name.empty() && name.find_first_of("/[],=") == std::string::npos;
    if (!isFit)
    {
        json.Fail("a name without / [ ] , =");
    }
    return name;
}

/// Requires that names are given once.
class Names
{
  public:
    /**
     * @brief Take a name.
     * @param name the name
     * @param where its JSON pointer
     */
    void Add(const std::string& name, const std::string& where)
    {
        const auto [first, isNew] = m_places.try_emplace(name, where);
        if (!isNew)
        {
            PortendFail(where, name, "a name that " + first->second + " has not");
        }
    }

  private:
    std::map<std::string, std::string> m_places; //!< by name: where it was given
};

/**
 * @brief Read a list of names.
 * @param json an array of texts
 * @return the texts
 */
std::vector<std::string>
ReadNames(const PortendJson& json)
{
    std::vector<std::string> names;
    for (const auto& entry : json.GetArray())
    {
        names.push_back(entry.GetString());
    }
    return names;
}

/// Before the ends of what is drawn.
const std::string UNIFORM = "uniform:";

/**
 * @brief Read a value, or values that differ between the members of a group.
 * @param option what it is
 * @param json the value, a list, or a text that says what they are drawn from
 * @param place gets the value
 * @param spreads gets the values that differ
 */
void
ReadMembers(const PortendOption& option,
            const PortendJson& json,
            PortendOption::Value place,
            PortendWorld::Spreads& spreads)
{
    if (PortendMayDiffer(option) && json.IsArray())
    {
        auto& spread = spreads[option.key];
        for (const auto& entry : json.GetArray())
        {
            PortendReadValue(option, entry, place);
            spread.values.push_back(option.ToText(place));
        }
        if (spread.values.empty())
        {
            json.Fail("a value for each member");
        }
        return;
    }
    if (PortendMayDiffer(option) && json.IsString() &&
        json.GetString().compare(0, UNIFORM.size(), UNIFORM) == 0)
    {
        const auto ends = PortendSplit(json.GetString().substr(UNIFORM.size()), ':');
        auto& spread = spreads[option.key];
        if (ends.size() != spread.ends.size())
        {
            json.Fail("uniform:LOW:HIGH");
        }
        for (std::size_t end = 0; end < ends.size(); ++end)
        {
            option.Parse(place, ends[end], json.GetPointer());
            spread.ends[end] = ends[end];
        }
        return;
    }
    PortendReadValue(option, json, place);
}

/**
 * @brief Change the names of files in the bandwidths that differ between members.
 * @tparam F type of the function
 * @param spreads of a link's members
 * @param change given a link with such a bandwidth, changes what it names
 */
template <typename F>
void
ChangeFiles(PortendWorld::Spreads& spreads, F change)
{
    const auto bandwidths = spreads.find("bandwidth");
    if (bandwidths == spreads.end())
    {
        return;
    }
    for (auto& value : bandwidths->second.values)
    {
        PortendScenario::Link link;
        link.bandwidth = value;
        change(link);
        value = link.bandwidth;
    }
}

/**
 * @brief Get the value of a member.
 * @param spread of the members
 * @param option what it is
 * @param name of the group, or of the links
 * @param index of the member
 * @param seed of the values that are drawn
 * @param where JSON pointer of the value
 * @return the value's text
 */
std::string
GetValue(const PortendWorld::Spread& spread,
         const PortendOption& option,
         const std::string& name,
         uint32_t index,
         uint32_t seed,
         const std::string& where)
{
    if (!spread.values.empty())
    {
        return spread.values.at(index);
    }
    // Numbered by what it is of: whatever else there is, it is drawn alike.
    RngStream random(seed, Hash64(name + "/" + option.key) >> 1, index);
    const auto share = random.RandU01();
    const auto draw = [&](auto low, auto high) {
        if (high < low)
        {
            PortendFail(where,
                        UNIFORM + spread.ends[0] + ":" + spread.ends[1],
                        "uniform:LOW:HIGH, LOW not above HIGH");
        }
        return low + share * (high - low);
    };
    const auto& [low, high] = spread.ends;
    if (option.kind == PortendOption::TIME)
    {
        const auto ns = draw(static_cast<double>(PortendParseTime(low, where).GetNanoSeconds()),
                             static_cast<double>(PortendParseTime(high, where).GetNanoSeconds()));
        return std::to_string(std::llround(ns)) + "ns";
    }
    if (option.kind == PortendOption::BANDWIDTH)
    {
        const auto bps = draw(static_cast<double>(PortendParseBandwidth(low, where).GetBitRate()),
                              static_cast<double>(PortendParseBandwidth(high, where).GetBitRate()));
        return std::to_string(std::llround(bps)) + "bps";
    }
    std::array<double, 2> numbers{};
    PortendParseNumber(low, numbers[0]);
    PortendParseNumber(high, numbers[1]);
    return portend::ToText(draw(numbers[0], numbers[1]));
}

/**
 * @brief Give a member the values that are its own.
 * @param spreads of the members
 * @param name of the group, or of the links
 * @param index of the member
 * @param seed of the values that are drawn
 * @param where JSON pointer of the node or link
 * @param scope of the options
 * @param holder has the member
 */
void
SetMember(const PortendWorld::Spreads& spreads,
          const std::string& name,
          uint32_t index,
          uint32_t seed,
          const std::string& where,
          PortendOption::Scope scope,
          PortendScenario& holder)
{
    for (const auto& option : PortendGetOptions())
    {
        const auto spread = spreads.find(option.key);
        if (option.scope == scope && spread != spreads.end())
        {
            const auto place = where + "/" + option.key;
            option.Parse(option.Find(holder),
                         GetValue(spread->second, option, name, index, seed, place),
                         place);
        }
    }
}

/**
 * @brief Read a node or group.
 * @param json the object
 * @return the node
 */
PortendWorld::Node
ReadNode(const PortendJson& json)
{
    PortendScenario holder;
    holder.tiers.assign(1, {});
    json.Get("name"); // which tiers of a chain may lack
    PortendWorld::Node node;
    std::vector<std::string> keys{"count"};
    for (const auto& option : PortendGetOptions())
    {
        if (option.scope != PortendOption::TIER)
        {
            continue;
        }
        keys.push_back(option.key);
        if (json.Has(option.key))
        {
            ReadMembers(option, json.Get(option.key), option.Find(holder), node.spreads);
        }
    }
    json.RequireKeys(keys);
    node.machine = holder.tiers.front();
    node.machine.name = ReadName(json.Get("name"));
    if (json.Has("count"))
    {
        node.count = json.Get("count").GetInteger(1, PortendWorld::MAX_COUNT);
    }
    return node;
}

/**
 * @brief Read a link, or links between groups.
 * @param json the object
 * @param folder what names of files are relative to
 * @return the link
 */
PortendWorld::Link
ReadLink(const PortendJson& json, const std::filesystem::path& folder)
{
    PortendWorld::Link link;
    std::vector<std::string> keys{"between", "name"};
    PortendScenario holder;
    holder.links.assign(WAYS.size(), {});
    for (const auto& option : PortendGetOptions())
    {
        if (option.scope != PortendOption::LINK)
        {
            continue;
        }
        keys.push_back(option.key);
        if (!PortendIsNeeded(option, json) && !json.Has(option.key))
        {
            continue;
        }
        const auto value = json.Get(option.key);
        const bool isEach = PortendHasWays(option) && value.IsObject() &&
                            (option.parts.empty() || value.Has(WAYS[0]) || value.Has(WAYS[1]));
        if (isEach)
        {
            value.RequireKeys({WAYS.begin(), WAYS.end()});
        }
        for (std::size_t way = 0; way < WAYS.size(); ++way)
        {
            ReadMembers(option,
                        isEach ? value.Get(WAYS[way]) : value,
                        option.Find(holder, way),
                        link.spreads[way]);
        }
    }
    json.RequireKeys(keys);
    const auto find = [&folder](PortendScenario::Link& way) { PortendFindTrace(way, folder); };
    for (std::size_t way = 0; way < WAYS.size(); ++way)
    {
        find(holder.links[way]);
        ChangeFiles(link.spreads[way], find);
    }
    link.up = holder.links[0];
    link.down = holder.links[1];
    const auto between = ReadNames(json.Get("between"));
    if (between.size() != link.between.size())
    {
        json.Get("between").Fail("two names");
    }
    std::copy(between.begin(), between.end(), link.between.begin());
    link.name =
        json.Has("name") ? ReadName(json.Get("name")) : between.front() + "-" + between.back();
    return link;
}

/**
 * @brief Read a stream.
 * @param json the object
 * @param world what is everybody's
 * @param folder what names of files are relative to
 * @return the stream
 */
PortendWorld::Stream
ReadStream(const PortendJson& json, const PortendWorld& world, const std::filesystem::path& folder)
{
    PortendWorld::Stream stream;
    stream.options = world.options;
    stream.name = ReadName(json.Get("name"));
    stream.tiers = ReadNames(json.Get("tiers"));
    if (stream.tiers.empty())
    {
        json.Get("tiers").Fail("names of nodes, at least one");
    }
    stream.random = json.Has("random") ? ReadName(json.Get("random")) : stream.name;
    if (json.Has("after"))
    {
        const auto after = json.Get("after").GetString();
        if (after != "continue" && after != "stop")
        {
            json.Get("after").Fail("continue, stop");
        }
        stream.goesOn = after == "continue";
    }
    std::vector<std::string> keys{"name", "tiers", "random", "after"};
    for (const auto& option : PortendGetOptions())
    {
        if (!option.isOfStream)
        {
            continue;
        }
        keys.push_back(option.key);
        if (json.Has(option.key))
        {
            PortendReadValue(option, json.Get(option.key), option.Find(stream.options));
            stream.given.push_back(option.key);
        }
    }
    json.RequireKeys(keys);
    PortendFindFiles(stream.options, json, folder);
    return stream;
}

/**
 * @brief Read traffic of others.
 * @param json the object
 * @param folder what names of files are relative to
 * @return the traffic
 */
PortendWorld::Background
ReadBackground(const PortendJson& json, const std::filesystem::path& folder)
{
    json.RequireKeys({"name", "from", "to", "traffic", "packet_bytes"});
    PortendWorld::Background background;
    background.name = ReadName(json.Get("name"));
    background.from = json.Get("from").GetString();
    background.to = json.Get("to").GetString();
    background.traffic = json.Get("traffic").GetString();
    PortendFindTrace(background.traffic, folder);
    if (json.Has("packet_bytes"))
    {
        background.packetBytes = json.Get("packet_bytes").GetInteger(1, UINT16_MAX);
    }
    return background;
}

/**
 * @brief Read a whole scenario.
 * @param json the document
 * @param folder what names of files are relative to; empty is the current one
 * @param world gets what the document says
 */
void
ReadWorld(const PortendJson& json, const std::filesystem::path& folder, PortendWorld& world)
{
    if (json.RequireVersion(PortendWorld::SCHEMA_VERSION) == 1)
    {
        json.Get("schema_version").Fail("version 2; a chain is run by portend-3tier, too");
    }
    PortendReadOptions(PortendOption::SCENARIO,
                       json,
                       {"$schema", "schema_version", "nodes", "links", "streams", "background"},
                       world.options,
                       0,
                       false);
    PortendFindFiles(world.options, json, folder);
    Names nodes;
    for (const auto& entry : json.Get("nodes").GetArray())
    {
        world.nodes.push_back(ReadNode(entry));
        nodes.Add(world.nodes.back().machine.name, entry.GetPointer() + "/name");
    }
    Names links;
    for (const auto& entry : json.Get("links").GetArray())
    {
        world.links.push_back(ReadLink(entry, folder));
        links.Add(world.links.back().name,
                  entry.GetPointer() + (entry.Has("name") ? "/name" : "/between"));
    }
    Names streams;
    for (const auto& entry : json.Get("streams").GetArray())
    {
        world.streams.push_back(ReadStream(entry, world, folder));
        streams.Add(world.streams.back().name, entry.GetPointer() + "/name");
        for (const auto* key : {"profile", "deployment"})
        {
            if (!json.Has(key))
            {
                entry.Get(key); // must have it
            }
        }
    }
    Names backgrounds;
    for (const auto& entry :
         json.Has("background") ? json.Get("background").GetArray() : std::vector<PortendJson>())
    {
        world.background.push_back(ReadBackground(entry, folder));
        backgrounds.Add(world.background.back().name, entry.GetPointer() + "/name");
    }
    if (world.streams.empty())
    {
        json.Get("streams").Fail("at least one stream");
    }
}

/**
 * @brief Get the name of an entry of a list.
 * @param entry a node, link or stream
 * @return its name; empty if it has none
 */
std::string
GetEntryName(const Json& entry)
{
    if (entry.is_object() && entry.contains("name") && entry["name"].is_string())
    {
        return entry["name"];
    }
    const bool isLink = entry.is_object() && entry.contains("between") &&
                        entry["between"].is_array() && entry["between"].size() == 2;
    const auto isText = [](const Json& end) { return end.is_string(); };
    if (isLink && std::all_of(entry["between"].begin(), entry["between"].end(), isText))
    {
        return entry["between"][0].get<std::string>() + "-" +
               entry["between"][1].get<std::string>();
    }
    return "";
}

/**
 * @brief Write one value as a document has it.
 * @param option what it is; null for what is no option
 * @param key of the value
 * @param text the value
 * @return a number, true or false, or the text
 */
Json
ToOne(const PortendOption* option, const std::string& key, const std::string& text)
{
    const auto kind = option ? option->kind : PortendOption::TEXT;
    if (kind == PortendOption::FLAG && (text == "true" || text == "false"))
    {
        return text == "true";
    }
    uint64_t whole = 0;
    double number = 0;
    const bool isNumber = kind == PortendOption::NUMBER || kind == PortendOption::COUNT ||
                          kind == PortendOption::BYTES || key == "count" || key == "packet_bytes";
    if (isNumber && PortendParseNumber(text, whole))
    {
        return whole;
    }
    if (isNumber && PortendParseNumber(text, number))
    {
        return number;
    }
    return text; // whoever reads it says what is allowed
}

/**
 * @brief Write what a command line gives as a document has it.
 * @param path of the value
 * @param key of the value
 * @param text the value, or values separated by commas
 * @return a list where there are some, else the value
 */
Json
ToValue(const std::string& path, const std::string& key, const std::string& text)
{
    if (key == "tiers" || key == "between")
    {
        return PortendSplit(text, ',');
    }
    const auto* option = PortendFindByPath(path);
    if (option && PortendMayDiffer(*option) && text.find(',') != std::string::npos)
    {
        auto values = Json::array();
        for (const auto& value : PortendSplit(text, ','))
        {
            values.push_back(ToOne(option, key, value));
        }
        return values;
    }
    return ToOne(option, key, text);
}

/**
 * @brief Give a value of a document another text.
 * @param document the document
 * @param setting path and text: `nodes/camera/count=200`
 * @param option what gives it, for complaints: `--set`
 * @param origins gets where the value came from, by its JSON pointer
 */
void
SetValue(Json& document,
         const std::string& setting,
         const std::string& option,
         std::map<std::string, std::string>& origins)
{
    const auto equals = setting.find('=');
    const auto path = setting.substr(0, equals);
    const auto where = option + " " + portend::Shorten(path);
    if (equals == std::string::npos || path.empty())
    {
        PortendFail(option, setting, "PATH=VALUE, such as nodes/camera/count=200");
    }
    auto tokens = PortendSplit(path, '/');
    auto scope = PortendOption::SCENARIO;
    auto* place = &document;
    std::string pointer;
    if (const auto list = LISTS.find(tokens.front()); list != LISTS.end())
    {
        scope = list->second;
        auto& entries = document[list->first];
        std::vector<std::string> names;
        for (const auto& entry : entries.is_array() ? entries : Json::array())
        {
            names.push_back(GetEntryName(entry));
        }
        const auto name = tokens.size() > 2 ? tokens[1] : "";
        const auto found = std::find(names.begin(), names.end(), name);
        if (name.empty() || found == names.end())
        {
            std::string known;
            for (const auto& each : names)
            {
                known += (known.empty() ? "" : ", ") + list->first + "/" + each + "/...";
            }
            PortendFail(where, name + PortendSuggest(name, names), known);
        }
        const auto index = found - names.begin();
        place = &entries[index];
        pointer = "/" + list->first + "/" + std::to_string(index);
        tokens.erase(tokens.begin(), tokens.begin() + 2);
    }
    const auto key = tokens.front();
    pointer += "/" + key;
    const auto value = ToValue(path, key, setting.substr(equals + 1));
    const auto* known = PortendFindByPath(path);
    auto* member = &(*place)[key];
    tokens.erase(tokens.begin());
    const auto isOne = [&](const auto& names) {
        return !tokens.empty() &&
               std::find(names.begin(), names.end(), tokens.front()) != names.end();
    };
    const auto enter = [&]() {
        member = &(*member)[tokens.front()];
        pointer += "/" + tokens.front();
        tokens.erase(tokens.begin());
    };
    if (scope == PortendOption::LINK && isOne(WAYS))
    {
        if (!member->is_object() || !(member->contains(WAYS[0]) || member->contains(WAYS[1])))
        {
            const auto both = !member->is_null()               ? *member
                              : known && !known->parts.empty() ? Json::object()
                                                               : document.value(key, Json(0));
            *member = {{WAYS[0], both}, {WAYS[1], both}};
        }
        enter();
    }
    if (known && isOne(known->parts))
    {
        if (member->is_string())
        {
            const auto parts = PortendSplitParts(*known, member->get<std::string>());
            *member = Json::object();
            for (const auto& [name, part] : parts)
            {
                (*member)[name] = part;
            }
        }
        enter();
    }
    if (!tokens.empty())
    {
        PortendFail(where, path, "a path such as nodes/NAME/KEY, links/NAME/bandwidth/up, KEY");
    }
    *member = value;
    origins[pointer] = where;
}

/**
 * @brief Write values that differ between the members of a group.
 * @param spreads the values
 * @param list where the group stands, `nodes` or `links`
 * @param json gets them as members
 */
void
WriteSpreads(const PortendWorld::Spreads& spreads,
             const std::string& list,
             nlohmann::ordered_json& json)
{
    for (const auto& [key, spread] : spreads)
    {
        auto& entry = json[key];
        const auto* option = PortendFindByPath(list + "/NAME/" + key);
        if (spread.values.empty())
        {
            entry = UNIFORM + spread.ends[0] + ":" + spread.ends[1];
            continue;
        }
        entry = nlohmann::ordered_json::array();
        for (const auto& value : spread.values)
        {
            entry.emplace_back(ToOne(option, key, value)); // as it is: a comma is part of it
        }
    }
}

/**
 * @brief Write options of a link that may differ each way.
 * @param link the link
 * @param json gets them as members
 */
void
WriteLink(const PortendWorld::Link& link, nlohmann::ordered_json& json)
{
    PortendScenario holder;
    holder.links = {link.up, link.down};
    std::array<nlohmann::ordered_json, 2> ways;
    for (std::size_t way = 0; way < ways.size(); ++way)
    {
        PortendResolveTrace(holder.links[way]);
        PortendWriteOptions(PortendOption::LINK, holder, ways[way], way);
        auto spreads = link.spreads[way];
        ChangeFiles(spreads, [](PortendScenario::Link& one) { PortendResolveTrace(one); });
        WriteSpreads(spreads, "links", ways[way]);
    }
    for (const auto& option : PortendGetOptions())
    {
        const auto& key = option.key;
        if (option.scope != PortendOption::LINK ||
            (!ways[0].contains(key) && !ways[1].contains(key)))
        {
            continue;
        }
        const auto up = ways[0].value(key, nlohmann::ordered_json(option.none));
        const auto down = ways[1].value(key, nlohmann::ordered_json(option.none));
        if (up == down)
        {
            json[key] = up;
        }
        else
        {
            json[key] = {{WAYS[0], up}, {WAYS[1], down}};
        }
    }
}

/**
 * @brief Read a document with some values besides.
 * @param document the document
 * @param folder what names of files are relative to; empty is the current one
 * @param options what holds where it says nothing, and where values came from
 * @param values by their paths
 * @param option what gives them, for complaints
 * @return what it asks for
 */
PortendWorld
ReadDocument(Json document,
             const std::filesystem::path& folder,
             const PortendScenario& options,
             const std::vector<std::string>& values,
             const std::string& option)
{
    PortendWorld world;
    world.options = options;
    for (const auto& value : values)
    {
        SetValue(document, value, option, world.options.origins);
    }
    try
    {
        ReadWorld(PortendJson(document), folder, world);
    }
    catch (const InputError& offence)
    {
        const auto& place = offence.GetWhere();
        throw InputError(place.empty() ? world.GetFile() : world.options.GetOrigin(place),
                         offence.what());
    }
    return world;
}

} // namespace

PortendWorld
PortendWorld::Load(const PortendScenarioFile& file,
                   const std::vector<std::string>& values,
                   const PortendScenario& defaults)
{
    auto options = defaults;
    options.origins[""] = file.name;
    return ReadDocument(file.document, file.folder, options, values, "--set");
}

PortendWorld
PortendWorld::With(const std::vector<std::string>& values, const std::string& option) const
{
    return ReadDocument(Json::parse(ToJson()), "", options, values, option);
}

PortendWorld
PortendWorld::FromChain(const PortendScenario& scenario)
{
    PortendWorld world;
    world.options = scenario;
    Stream stream;
    stream.name = stream.random = "requests";
    stream.options = scenario;
    for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
    {
        Node node;
        node.machine = scenario.tiers[j];
        node.machine.name = "tier" + std::to_string(j);
        stream.tiers.push_back(node.machine.name);
        world.nodes.push_back(node);
    }
    for (std::size_t j = 0; j < scenario.links.size(); ++j)
    {
        Link link;
        link.between = {stream.tiers.at(j), stream.tiers.at(j + 1)};
        link.name = link.between[0] + "-" + link.between[1];
        link.up = link.down = scenario.links[j];
        world.links.push_back(link);
    }
    for (const auto& option : PortendGetOptions())
    {
        if (option.isOfStream)
        {
            stream.given.push_back(option.key);
        }
    }
    world.streams.push_back(stream);
    return world;
}

std::string
PortendWorld::ToJson(int indent) const
{
    nlohmann::ordered_json json;
    json["schema_version"] = SCHEMA_VERSION;
    auto everybody = options;
    for (const auto& option : PortendGetOptions())
    {
        if (option.scope == PortendOption::SCENARIO && !option.isOfStream)
        {
            PortendWriteOption(option, option.Find(everybody), json);
        }
    }
    json["nodes"] = nlohmann::ordered_json::array();
    for (const auto& node : nodes)
    {
        auto& entry = json["nodes"].emplace_back();
        entry["name"] = node.machine.name;
        if (node.count > 0)
        {
            entry["count"] = node.count;
        }
        PortendScenario holder;
        holder.tiers = {node.machine};
        PortendWriteOptions(PortendOption::TIER, holder, entry);
        WriteSpreads(node.spreads, "nodes", entry);
        if (node.machine.device.empty())
        {
            entry.erase("device");
        }
    }
    json["links"] = nlohmann::ordered_json::array();
    for (const auto& link : links)
    {
        auto& entry = json["links"].emplace_back();
        if (link.IsNamed()) // a default name may be none that can be given
        {
            entry["name"] = link.name;
        }
        entry["between"] = link.between;
        WriteLink(link, entry);
    }
    json["streams"] = nlohmann::ordered_json::array();
    for (const auto& stream : streams)
    {
        auto& entry = json["streams"].emplace_back();
        entry["name"] = stream.name;
        entry["tiers"] = stream.tiers;
        entry["random"] = stream.random;
        entry["after"] = stream.goesOn ? "continue" : "stop";
        auto own = stream.options;
        PortendResolve(own);
        for (const auto& option : PortendGetOptions())
        {
            if (option.isOfStream)
            {
                PortendWriteOption(option, option.Find(own), entry);
            }
        }
    }
    for (const auto& each : background)
    {
        auto traffic = each.traffic;
        PortendResolveTrace(traffic);
        json["background"].push_back({{"name", each.name},
                                      {"from", each.from},
                                      {"to", each.to},
                                      {"traffic", traffic},
                                      {"packet_bytes", each.packetBytes}});
    }
    return PortendDump(json, indent);
}

PortendScenario::Tier
PortendWorld::Node::GetMember(uint32_t index, uint32_t seed, const std::string& where) const
{
    PortendScenario holder;
    holder.tiers = {machine};
    SetMember(spreads, machine.name, index, seed, where, PortendOption::TIER, holder);
    return holder.tiers.front();
}

std::array<PortendScenario::Link, 2>
PortendWorld::Link::GetMember(uint32_t index, uint32_t seed, const std::string& where) const
{
    std::array<PortendScenario::Link, 2> ways{up, down};
    for (std::size_t way = 0; way < ways.size(); ++way)
    {
        PortendScenario holder;
        holder.links = {ways[way]};
        SetMember(spreads[way], name, index, seed, where, PortendOption::LINK, holder);
        ways[way] = holder.links.front();
    }
    return ways;
}

bool
PortendWorld::Link::IsNamed() const
{
    return name != between[0] + "-" + between[1];
}

std::string
PortendWorld::GetFile() const
{
    const auto file = options.origins.find("");
    return file == options.origins.end() ? "" : file->second;
}

std::string
PortendWorld::GetOrigin(std::size_t stream, const std::string& where) const
{
    if (where.empty() || where[0] != '/')
    {
        return where; // a file or an option already
    }
    const auto key = where.substr(1, where.find('/', 1) - 1);
    const auto& given = streams.at(stream).given;
    const bool isOwn = std::find(given.begin(), given.end(), key) != given.end();
    return options.GetOrigin((isOwn ? "/streams/" + std::to_string(stream) : "") + where);
}

const PortendOption*
PortendFindByPath(const std::string& path)
{
    const auto tokens = PortendSplit(path, '/');
    const auto list = LISTS.find(tokens.front());
    const bool isListed = list != LISTS.end() && tokens.size() > 2;
    const auto scope = isListed ? list->second : PortendOption::SCENARIO;
    const auto& key = isListed ? tokens[2] : tokens.front();
    const auto& options = PortendGetOptions();
    const auto found = std::find_if(options.begin(), options.end(), [&](const auto& option) {
        return option.scope == scope && option.key == key;
    });
    return found == options.end() ? nullptr : &*found;
}

std::string
PortendGetPaths()
{
    std::string list;
    const auto add = [&](const std::string& path, const std::string& help) {
        list +=
            "  " + path + std::string(path.size() < 34 ? 34 - path.size() : 1, ' ') + help + "\n";
    };
    add("nodes/NAME/count", "nodes of the group");
    for (const auto scope : {PortendOption::TIER, PortendOption::LINK, PortendOption::SCENARIO})
    {
        for (const auto& option : PortendGetOptions())
        {
            if (option.scope != scope || option.key == "name")
            {
                continue;
            }
            const std::string list = scope == PortendOption::TIER   ? "nodes/NAME/"
                                     : scope == PortendOption::LINK ? "links/NAME/"
                                     : option.isOfStream            ? "streams/NAME/"
                                                                    : "";
            std::string parts;
            for (const auto& part : option.parts)
            {
                parts += (parts.empty() ? "[/" : "|/") + part;
            }
            parts += parts.empty() ? "" : "]";
            add(list + option.key + (PortendHasWays(option) ? "[/up|/down]" : "") + parts,
                option.values + (PortendMayDiffer(option) ? "; uniform:LOW:HIGH" : ""));
        }
    }
    add("streams/NAME/tiers", "names of nodes or groups, with commas");
    add("background/NAME/traffic",
        "constant:2Mbps | poisson:2Mbps | onoff:5Mbps:1s:3s | trace:FILE | ns3::TYPE");
    add("background/NAME/packet_bytes", "size of packets, IP header included");
    return list;
}

} // namespace ns3
