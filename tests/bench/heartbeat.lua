-- Beats: each connection plays its own study sessions in turn. A seat is {lease, nonce, lesson} and may
-- bring the number of its last beat (seq) and how much each one plays (step); the next number and mark come from each
-- reply, as a player takes them.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "ledger.lua")

local headers = { ["Content-Type"] = "application/json" }
local text = '{"lease":"%s","seq":%d,"nonce":"%s","lesson_id":"%s","from_ms":%d,"to_ms":%d,"playing":true,"visible":true}'

function request()
   local seat = seats[turn]
   local n, step = acked[turn] + (seat.seq or 0), seat.step or 250
   local from = n * step % 3600000
   return wrk.format("POST", nil, headers,
      text:format(seat.lease, n + 1, seat.nonce, seat.lesson, from, from + step))
end

function response(status, _, body)
   local seat = settle(status, body)
   if seat then seat.nonce = body:match('"next":"([^"]+)"') end
end
