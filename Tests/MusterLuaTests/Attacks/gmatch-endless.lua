return function() while true do for _ in ("a"):gmatch("a-") do end end end
