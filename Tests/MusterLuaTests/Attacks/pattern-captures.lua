return function() return ("a"):rep(40):match(("(a*)"):rep(31) .. "b") end
