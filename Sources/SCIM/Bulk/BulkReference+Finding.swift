/// The references of one operation.
struct BulkReferences: Sendable {
    /// The names without which the operation cannot be carried out at all, in the order in which they occur.
    private(set) var demanded: [String] = []
    /// The places that can be left out at first.
    private(set) var optional: [BulkReference] = []
    private var seen: Set<String> = []

    /// Finds what `operation` refers to in its path and data.
    ///
    /// Of a resource's data, readOnly attributes do not count: they are ignored, so that a user that lists its new groups
    /// does not refer to them. What a resource must have, or no schema knows, cannot be left out.
    init(of operation: BulkOperation, _ target: BulkTarget, in registry: SchemaRegistry) {
        if let bulkId = target.id.flatMap(BulkReferenceText.bulkId) { demand(bulkId) }
        guard let data = operation.data, operation.method != .delete else { return }
        guard operation.method == .post || operation.method == .put, let map = data.complex else {
            data.forEachBulkId(isPatch: true) { demand($0) }
            return
        }
        let isCreated = operation.method == .post
        for member in map.members {
            let urn = ResourceQuirks.schema(member.name, in: target.type)
            if let schema = registry.schemaExtension(urn, of: target.type), let inner = member.value.complex {
                for part in inner.members {
                    add(part, schema.attribute(part.name), path: schema.id + ":" + part.name, in: member.name, isCreated)
                }
            } else {
                let attribute = registry.resolve(AttributePath(attribute: member.name), in: target.type)?.attribute
                add(member, attribute, path: member.name, in: nil, isCreated)
            }
        }
    }

    private mutating func demand(_ bulkId: String) {
        if seen.insert(bulkId).inserted { demanded.append(bulkId) }
    }

    private mutating func add(
        _ member: AttributeMap.Member, _ attribute: AttributeDefinition?, path: String, in container: String?, _ isCreated: Bool
    ) {
        if attribute?.mutability == .readOnly { return }
        let isOptional = isCreated && attribute?.isRequired == false
        let values = member.value.array
        for (number, value) in (values ?? [member.value]).enumerated() {
            value.forEachBulkId(isPatch: false) { bulkId in
                guard isOptional else { return demand(bulkId) }
                optional.append(
                    BulkReference(
                        bulkId: bulkId, attribute: path, container: container, key: member.name,
                        element: values == nil ? nil : number))
            }
        }
    }
}
