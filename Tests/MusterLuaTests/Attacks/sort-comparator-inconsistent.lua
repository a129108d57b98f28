-- Says that everything is less than everything else; liblua reads beyond the array then.
return function() local t = {} for i = 1, 200 do t[i] = i end table.sort(t, function() return true end) end
