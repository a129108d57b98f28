/// Hands out names for components and operations, none of them twice.
struct OpenAPINames {
    private var taken: Set<String>

    /// - Parameter reserved: Names that are taken already.
    init(reserved: [String]) { taken = Set(reserved.map { $0.lowercased() }) }

    /// A stem like `wanted`, with a number behind it where one of the names that are made of it is taken.
    mutating func stem(_ wanted: String, of names: (String) -> [String]) -> String {
        var (stem, number) = (wanted, 1)
        while names(stem).contains(where: { taken.contains($0.lowercased()) }) {
            number += 1
            stem = wanted + String(number)
        }
        taken.formUnion(names(stem).map { $0.lowercased() })
        return stem
    }

    /// The letters and digits of `text`, with a capital where a word begins.
    static func identifier(_ text: String) -> String {
        let words = text.split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        let joined = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        return joined.isEmpty ? "Resource" : joined
    }
}
