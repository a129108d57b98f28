return function() return (("a"):rep(30000) .. "b"):find(("a-"):rep(60) .. "c") end
