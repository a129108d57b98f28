return function() while true do ("a "):rep(5e5):gsub("%f[%w]%w+%f[%W]", "") end end
