-- The same with nothing in it, and outcomes that catch the refusal: the encoder itself must meet the clock.
return function() local t = {} for i = 1, 10 do local n = {} for k = 1, 10 do n[k] = t end t = n end while true do pcall(muster.log.info, t) end end
