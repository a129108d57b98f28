/// The values of a multi-valued attribute, found by what they name. Both the values there and those given come from
/// outside, so that comparing each with each would be too dear.
struct PatchValues {
    /// The values in order.
    var values: [AttributeValue]
    private let attribute: AttributeDefinition
    private var places: [String: [Int]]

    init(_ values: [AttributeValue], of attribute: AttributeDefinition) {
        self.values = values
        self.attribute = attribute
        places = [:]
        places.reserveCapacity(values.count)
        for (place, value) in values.enumerated() { places[Self.key(of: value, attribute), default: []].append(place) }
    }

    /// Appends a value and tells its place.
    mutating func append(_ value: AttributeValue) -> Int {
        values.append(value)
        places[Self.key(of: value, attribute), default: []].append(values.count - 1)
        return values.count - 1
    }

    /// The place of the value that `value` means: the same `value`, and the same `type` where it names one.
    func place(meantBy value: AttributeValue) -> Int? {
        places[Self.key(of: value, attribute)]?.first { Self.isMet(value, by: values[$0]) }
    }

    /// Whether one of these values means `value`.
    func hasOneThatMeans(_ value: AttributeValue) -> Bool {
        places[Self.key(of: value, attribute)]?.contains { Self.isMet(values[$0], by: value) } == true
    }

    private static func isMet(_ wanted: AttributeValue, by value: AttributeValue) -> Bool {
        guard wanted["value"] != nil, let type = wanted["type"] else { return true }
        return type == value["type"]
    }

    /// What a value names: its `value`; without one, as an address, all of it.
    private static func key(of value: AttributeValue, _ attribute: AttributeDefinition) -> String {
        guard case .complex(let map) = value else {
            guard let text = value.string else { return value.jsonText }
            return attribute.isCaseExact ? text.composed : text.caseFolded
        }
        if let named = map["value"] { return "=" + named.jsonText }
        return map.members.map { $0.name + " " + $0.value.jsonText }.sorted().joined(separator: "\n")
    }
}
