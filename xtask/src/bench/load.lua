-- What wrk sends, by the environment: TOKEN, and METHOD and BODY for writes.
-- In BODY every "@" becomes a number that no other request has.
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")

local method = os.getenv("METHOD")
local body = os.getenv("BODY")

if method == "POST" then
  wrk.headers["Content-Type"] = "application/json"
  local number = 0
  request = function()
    number = number + 1
    return wrk.format(method, nil, nil, (body:gsub("@", tostring(number))))
  end
end

-- One line for the program that started wrk; times in microseconds.
done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("result %d %d %d %d %d %d %d\n",
    summary.requests, summary.duration, failed, summary.bytes,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
