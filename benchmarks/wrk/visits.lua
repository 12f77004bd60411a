-- What wrk sends and how every answer is checked. One thread of wrk is one visitor with one connection, who goes through the steps of
-- a visit in order, again and again; a visit counts when its last answer was right. The visit is a Lua file that wrk.py writes.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } bench_instant;
  int clock_gettime(int clock, bench_instant *now);
]]
local instant = ffi.new("bench_instant")

local function now()
  ffi.C.clock_gettime(1, instant) -- CLOCK_MONOTONIC
  return tonumber(instant.seconds) + tonumber(instant.nanoseconds) / 1e9
end

-- Of all threads; only `setup` and `done` see these.
local visitors = {}

function setup(thread)
  visitors[#visitors + 1] = thread
  thread:set("number", #visitors)
end

-- Of one thread; globals, so that `done` may read them.
visits, bad, sample, began, ended = 0, 0, "", 0, 0
known, collected = {}, {}

local visit, step, position, before

function init(args)
  visit = dofile(args[1])
  position = 0
  visit.serial = 0
  before = {}
  for name, value in pairs(visit.visitors[number] or {}) do
    known[name] = value
  end
  for _, each in ipairs(visit.steps) do
    local whole = each.path .. each.body
    for _, value in pairs(each.headers) do whole = whole .. value end
    each.fixed = not whole:find("{", 1, true) and wrk.format(each.method, each.path, each.headers, each.body)
  end
end

local function encoded(text)
  return (text:gsub("[^%w%-%._~]", function(sign) return string.format("%%%02X", sign:byte()) end))
end

local function filled(template, write)
  return (template:gsub("{([%w_]+)}", function(name) return write(known[name] or "") end))
end

local function as_it_is(text) return text end

local function begin_visit()
  position = 1
  visit.serial = visit.serial + 1
  known.serial = visit.run .. "-" .. number .. "-" .. visit.serial
  if visit.supply then known[visit.supplied] = (visit.supply[number] or {})[visit.serial] end
end

-- wrk calls this once more than it sends, so nothing may happen here that has happened once.
function request()
  if position == 0 then begin_visit() end
  step = visit.steps[position]
  if began == 0 then began = now() end
  if step.fixed then return step.fixed end
  local headers = {}
  for name, value in pairs(step.headers) do headers[name] = filled(value, as_it_is) end
  return wrk.format(step.method, filled(step.path, encoded), headers, filled(step.body, encoded))
end

local function wrong(why, status, body)
  bad = bad + 1
  if sample == "" then sample = why .. " (status " .. status .. "): " .. body:sub(1, 400) end
  return false
end

local function header(headers, name)
  for each, value in pairs(headers) do
    if each:lower() == name then return value end
  end
  return ""
end

local function right(status, headers, body)
  if status ~= step.status then return wrong("another status than " .. step.status, status, body) end
  if step.equals and body ~= step.equals then return wrong("another body than before", status, body) end
  for _, pattern in ipairs(step.wanted) do
    if not body:find(filled(pattern, as_it_is)) then return wrong("not in the body: " .. pattern, status, body) end
  end
  for _, take in ipairs(step.taken) do
    local where = take.header and header(headers, take.header) or body
    local value = where:match(take.pattern)
    if not value then return wrong("no " .. take.name, status, where .. " " .. body) end
    if take.equals and value ~= filled(take.equals, as_it_is) then return wrong("another " .. take.name, status, where) end
    if take.new and value == before[take.name] then return wrong("the same " .. take.name .. " again", status, body) end
    before[take.name] = value
    known[take.name] = value
  end
  return true
end

local function end_visit()
  position = 0
  local last = visit.supply and #(visit.supply[number] or {}) or visit.at_most
  if last and visit.serial >= last then wrk.thread:stop() end
end

function response(status, headers, body)
  local sound = right(status, headers, body)
  ended = now()
  if sound and position < #visit.steps then
    position = position + 1
    return
  end
  if sound then
    visits = visits + 1
    known.done = known.serial
    if visit.collect then collected[#collected + 1] = known[visit.collect] end
  end
  end_visit()
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\\128-\255]', function(sign) return string.format("\\u%04x", sign:byte()) end) .. '"'
end

local function object(values)
  local parts = {}
  for name, value in pairs(values) do parts[#parts + 1] = quoted(name) .. ":" .. quoted(tostring(value)) end
  return "{" .. table.concat(parts, ",") .. "}"
end

function done(summary, latency)
  local all, wrongs, first, from, to = 0, 0, "", math.huge, 0
  local last, gathered = {}, {}
  for _, visitor in ipairs(visitors) do
    all = all + visitor:get("visits")
    wrongs = wrongs + visitor:get("bad")
    if first == "" then first = visitor:get("sample") end
    if visitor:get("began") > 0 then from = math.min(from, visitor:get("began")) end
    to = math.max(to, visitor:get("ended"))
    last[#last + 1] = object(visitor:get("known"))
    local codes = {}
    for _, value in ipairs(visitor:get("collected")) do codes[#codes + 1] = quoted(value) end
    gathered[#gathered + 1] = "[" .. table.concat(codes, ",") .. "]"
  end
  local errors = summary.errors
  io.write(string.format(
    '\n@@{"visits":%d,"requests":%d,"bad":%d,"sample":%s,"seconds":%.6f,"lost":%d,"median_us":%d,"slow_us":%d,"last":[%s],"collected":[%s]}\n',
    all, summary.requests, wrongs, quoted(first), math.max(to - from, 0),
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), table.concat(last, ","), table.concat(gathered, ",")
  ))
end
