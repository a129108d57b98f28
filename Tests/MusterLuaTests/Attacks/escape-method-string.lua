return function() return ("x").dump end
