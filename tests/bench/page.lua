-- Pages: each connection is a few signed-in people who open the same page. A seat is {cookie}.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "ledger.lua")

function request()
   return wrk.format("GET", nil, { ["Cookie"] = seats[turn].cookie })
end

function response(status, _, body)
   -- A page that broke off in the middle is no page.
   if status == 200 and not body:find("</html>", 1, true) and not body:find("saved", 1, true) then status = 599 end
   settle(status, body)
end
