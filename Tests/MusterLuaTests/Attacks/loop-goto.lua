return function() ::again:: goto again end
