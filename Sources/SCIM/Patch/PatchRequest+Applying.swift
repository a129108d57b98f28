extension PatchRequest {
    /// Applies expanded operations in order (RFC 7644 §3.5.2), all or nothing: on an error the resource is as it was.
    ///
    /// The result still has to be validated, see ``ResourceValidator/validated(_:replacing:)``. Before that, what the
    /// operations did to passwords and the like is to be had from ``ResourceValidator/secrets(in:dialect:)``: the result holds
    /// a new one as it was given, and null for one that was removed.
    /// - Parameter dialect: What is understood besides what the RFC has.
    /// - Throws: `noTarget`, `invalidValue`, `mutability` or `invalidPath` (RFC 7644 §3.12).
    public func applied(
        to resource: Resource, of type: ResourceType, in registry: SchemaRegistry, dialect: ClientDialect = .auto
    ) throws(SCIMError) -> Resource {
        var quirks: Set<Quirk> = []
        return try applied(to: resource, of: type, in: registry, dialect: dialect, noting: &quirks)
    }

    /// As ``applied(to:of:in:dialect:)``, and tells which quirks the values have.
    public func applied(
        to resource: Resource, of type: ResourceType, in registry: SchemaRegistry, dialect: ClientDialect,
        noting quirks: inout Set<Quirk>
    ) throws(SCIMError) -> Resource {
        var reading = DialectReading(dialect)
        defer { quirks.formUnion(reading.noted) }
        var resource = resource
        var comparisons = 0
        for operation in operations {
            guard let path = operation.path else { throw .noTarget("the operation has no path") }
            guard let resolved = registry.resolve(path, in: type) else {
                throw .invalidPath("\(type.name) has no attribute '\(path)'")
            }
            var holder = resolved.schema.map { resource[$0]?.complex ?? [:] } ?? resource.attributes
            if let filter = path.valueFilter, let values = resolved.attribute.flatMap({ holder[$0.name]?.array }) {
                comparisons += filter.termCount * values.count
                guard comparisons <= FilterLimits.comparisonsOfPatch else {
                    throw .tooMany("the filters of the operations compare too much; send fewer operations in one request")
                }
            }
            if let attribute = resolved.attribute {
                var change = AttributePatch(
                    operation: operation, path: path, attribute: attribute, subAttribute: resolved.subAttribute,
                    name: resolved.name, reading: reading)
                defer { reading = change.reading }
                try change.apply(to: &holder)
            } else {
                holder = cleared(registry.schema(resolved.schema ?? ""))
            }
            if let schema = resolved.schema {
                resource[schema] = holder.isEmpty ? nil : .complex(holder)
            } else {
                resource.attributes = holder
            }
        }
        return resource
    }

    /// What is left of an extension that is removed: nothing but that its secrets go too.
    private func cleared(_ schema: Schema?) -> AttributeMap {
        AttributeMap(schema?.attributes.filter(\.isSecret).map { .init(name: $0.name, value: .null) } ?? [])
    }
}
