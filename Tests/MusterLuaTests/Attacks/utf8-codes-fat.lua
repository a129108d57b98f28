-- Each step of the iterator runs over two megabytes of continuation bytes.
return function() local s = 'a' .. ('\x80'):rep(1900000) local f = utf8.codes(s) while true do f(s, 1) end end
