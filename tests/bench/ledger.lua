-- What the scripts of all benches share: one seat list per connection, and a ledger of what was acknowledged.
-- wrk runs one Lua state per thread. A bench gives each connection its own thread, so that a reply always
-- belongs to the request before it. The first argument names the folder of seats, a file for each, that Python wrote.
local threads = {}

function setup(thread)
   table.insert(threads, thread)
   thread:set("slot", #threads)
end

function init(args)
   seats = dofile(args[1] .. "/" .. slot .. ".lua")
   turn, good, bad, first_bad = 1, 0, 0, ""
   acked = {}
   for n = 1, #seats do acked[n] = 0 end
end

-- Counts a reply; returns the seat it belongs to when it was an acknowledgement.
function settle(status, body)
   local n = turn
   turn = turn % #seats + 1
   if status == 200 then
      good = good + 1
      acked[n] = acked[n] + 1
      return seats[n]
   end
   bad = bad + 1
   if first_bad == "" then first_bad = status .. " " .. body:sub(1, 300) end
end

function done(summary, latency, requests)
   local e = summary.errors
   for _, thread in ipairs(threads) do
      io.write("ACKED ", table.concat(thread:get("acked"), " "), "\n")
      if thread:get("first_bad") ~= "" then io.write("BAD ", thread:get("first_bad"), "\n") end
   end
   io.write(string.format(
      "RESULT seconds=%.6f good=%d bad=%d broken=%d p50_us=%d p95_us=%d p99_us=%d max_us=%d\n",
      summary.duration / 1e6, sum("good"), sum("bad"), e.connect + e.read + e.write + e.timeout,
      latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.max))
end

function sum(name)
   local total = 0
   for _, thread in ipairs(threads) do total = total + thread:get(name) end
   return total
end
