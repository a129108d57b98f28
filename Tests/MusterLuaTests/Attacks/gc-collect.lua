return function() collectgarbage("collect") end
