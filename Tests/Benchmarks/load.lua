-- wrk with an end that counts: after SECONDS no request is sent, so that every answer still comes before wrk stops.
-- usage: wrk … -s load.lua URL -- SECONDS [KEYS_FILE [ADDRESSES]]; keys in turn, each request from one of so many
-- addresses as a trusted proxy would say it; prints "200s other-answers socket-errors p99-in-ms".
local ffi = require("ffi")
ffi.cdef [[
    typedef struct { long seconds, nanoseconds; } moment;
    int clock_gettime(int clock, moment *now);
]]

local CLOCK_MONOTONIC = jit.os == "OSX" and 6 or 1
local moment = ffi.new("moment")
local seconds, deadline, addresses
local texts, turn = {}, 0
local thread_count = 0

local function now()
    ffi.C.clock_gettime(CLOCK_MONOTONIC, moment)
    return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

function setup(thread)
    thread:set("number", thread_count)
    thread_count = thread_count + 1
end

function init(arguments)
    seconds = tonumber(arguments[1])
    addresses = tonumber(arguments[3])
    if arguments[2] then
        -- Not in the command line, which others can read.
        for key in io.lines(arguments[2]) do
            wrk.headers["x-api-key"] = key
            texts[#texts + 1] = wrk.format("GET")
        end
    else
        texts[1] = wrk.format("GET")
    end
    -- Threads begin at different keys.
    turn = number * 7919
end

local function from_an_address(text)
    local address = turn % addresses
    local line = string.format("X-Forwarded-For: 10.9.%d.%d\r\n\r\n", math.floor(address / 256), address % 256)
    return text:sub(1, -3) .. line
end

function request()
    local time = now()
    deadline = deadline or time + seconds
    if time >= deadline then return "" end
    turn = turn + 1
    local text = texts[turn % #texts + 1]
    return addresses and from_an_address(text) or text
end

function done(summary, latency)
    local errors = summary.errors
    local sockets = errors.connect + errors.read + errors.write + errors.timeout
    print(string.format("%d %d %d %.3f", summary.requests - errors.status, errors.status, sockets,
        latency:percentile(99) / 1000))
end
