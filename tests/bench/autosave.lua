-- Saved answers: each connection answers its own papers, question after question, and then anew with the next
-- revision. A seat is {lease, base, choices}; choices[position] holds two choices as JSON, taken in turn.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "ledger.lua")

local headers = { ["Content-Type"] = "application/json" }
local text = '{"lease":"%s","position":%d,"revision":%d,"choice":%s}'

function request()
   local seat, n = seats[turn], acked[turn]
   local position, pass = n % #seat.choices + 1, math.floor(n / #seat.choices)
   return wrk.format("POST", nil, headers,
      text:format(seat.lease, position, seat.base + pass + 1, seat.choices[position][pass % 2 + 1]))
end

function response(status, _, body)
   settle(status, body)
end
