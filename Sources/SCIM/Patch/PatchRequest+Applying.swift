extension PatchRequest {
    /// Applies expanded operations in order (RFC 7644 §3.5.2), all or nothing: on an error the resource is as it was.
    ///
    /// The result still has to be validated, see ``ResourceValidator/validated(_:replacing:)``.
    /// - Throws: `noTarget`, `invalidValue`, `mutability` or `invalidPath` (RFC 7644 §3.12).
    public func applied(
        to resource: Resource, of type: ResourceType, in registry: SchemaRegistry
    ) throws(SCIMError) -> Resource {
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
                let change = AttributePatch(
                    operation: operation, path: path, attribute: attribute, subAttribute: resolved.subAttribute,
                    name: resolved.name)
                try change.apply(to: &holder)
            } else {
                holder = [:]
            }
            if let schema = resolved.schema {
                resource[schema] = holder.isEmpty ? nil : .complex(holder)
            } else {
                resource.attributes = holder
            }
        }
        return resource
    }
}
