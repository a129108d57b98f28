return function() return rawget(_G, "host") or rawget(_ENV, "__entry") end
