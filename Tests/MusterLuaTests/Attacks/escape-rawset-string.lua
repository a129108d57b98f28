return function() rawset(string, "upper", function() return "mine" end) return ("a"):upper() end
