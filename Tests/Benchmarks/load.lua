-- wrk with an end that counts: after SECONDS no request is sent, so that every answer still comes before wrk stops.
-- usage: wrk … -s load.lua URL -- SECONDS [KEY_FILE]; prints "200s other-answers socket-errors".
local ffi = require("ffi")
ffi.cdef [[
    typedef struct { long seconds, nanoseconds; } moment;
    int clock_gettime(int clock, moment *now);
]]

local CLOCK_MONOTONIC = jit.os == "OSX" and 6 or 1
local moment = ffi.new("moment")
local seconds, deadline, text

local function now()
    ffi.C.clock_gettime(CLOCK_MONOTONIC, moment)
    return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

function init(arguments)
    seconds = tonumber(arguments[1])
    if arguments[2] then
        -- Not in the command line, which others can read.
        wrk.headers["x-api-key"] = io.open(arguments[2]):read("*l")
    end
    text = wrk.format("GET")
end

function request()
    deadline = deadline or now() + seconds
    return now() < deadline and text or ""
end

function done(summary)
    local errors = summary.errors
    local sockets = errors.connect + errors.read + errors.write + errors.timeout
    print(string.format("%d %d %d", summary.requests - errors.status, errors.status, sockets))
end
