/// Names, labels and numbers as the exposition format writes them.
enum PrometheusText {
    /// A name of letters, digits, `_` and `:`; whatever else stands in a label of swift-metrics becomes `_`.
    static func name(_ text: String, allowsColon: Bool = true) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            let isLetter = "a"..."z" ~= scalar || "A"..."Z" ~= scalar || scalar == "_" || allowsColon && scalar == ":"
            if "0"..."9" ~= scalar, name.isEmpty { name = "_" }
            name.unicodeScalars.append(isLetter || "0"..."9" ~= scalar ? scalar : "_")
        }
        return name.isEmpty ? "_" : name
    }

    /// What stands between the braces, in the order of the names: two handlers for the same labels are one series.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { (name($0.0, allowsColon: false), $0.1) }.sorted { $0.0 < $1.0 }
            .map { #"\#($0.0)="\#(escaped($0.1))""# }.joined(separator: ",")
    }

    /// One line.
    static func line(_ name: String, _ labels: String, _ value: Double) -> String {
        name + (labels.isEmpty ? "" : "{\(labels)}") + " \(number(value))\n"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }
}
