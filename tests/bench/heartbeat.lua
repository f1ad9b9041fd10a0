-- Beats: each connection plays its own study sessions in turn. A seat is {lease, nonce, lesson}; the next number and
-- mark come from each reply, as a player takes them.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "ledger.lua")

local headers = { ["Content-Type"] = "application/json" }
local text = '{"lease":"%s","seq":%d,"nonce":"%s","lesson_id":"%s","from_ms":%d,"to_ms":%d,"playing":true,"visible":true}'

function request()
   local seat, n = seats[turn], acked[turn]
   return wrk.format("POST", nil, headers,
      text:format(seat.lease, n + 1, seat.nonce, seat.lesson, n * 250 % 3600000, (n * 250) % 3600000 + 250))
end

function response(status, _, body)
   local seat = settle(status, body)
   if seat then seat.nonce = body:match('"next":"([^"]+)"') end
end
