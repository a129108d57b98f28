return function() package.searchers[1] = function() return 1 end end
