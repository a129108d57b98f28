import MusterCore
import SCIM

/// The order that a client asks for (RFC 7644 §3.4.2.3), in the store's terms.
struct SortOrder {
    private let schema: String?
    private let attribute: AttributeDefinition
    private let part: AttributeDefinition?
    private let comparison: AttributeIndex.Attribute

    /// Creates the order by an attribute that the search was found to name, see `SearchRequest.sortAttribute(of:in:)`.
    init?(_ resolved: ResolvedAttribute) {
        // A complex attribute named alone means its value.
        guard let attribute = resolved.attribute, let leaf = resolved.subAttribute ?? attribute.subAttribute("value") ?? resolved.attribute,
            let kind = AttributeIndex.Attribute.Comparison(leaf)
        else { return nil }
        schema = resolved.schema
        self.attribute = attribute
        part = leaf == attribute ? nil : leaf
        let suffix = resolved.subAttribute == nil && part != nil ? ".value" : ""
        comparison = AttributeIndex.Attribute(
            name: resolved.name + suffix, schema: resolved.schema, attribute: attribute.name, subAttribute: part?.name,
            comparison: kind, isUnique: false)
    }

    /// What the store is asked for.
    func sort(isDescending: Bool, index: AttributeIndex, type: ResourceType, rendering: ResourceRendering) -> ResourceSort {
        let isColumn = schema == nil && ["id", "meta.created", "meta.lastModified"].contains(comparison.name)
        let isIndexed =
            !attribute.isMultiValued
            && index.attributes[type.name]?.contains { $0.name == comparison.name && $0.comparison == comparison.comparison } == true
        return ResourceSort(attribute: isColumn || isIndexed ? comparison.name : nil, isDescending: isDescending) { stored, _ in
            key(of: try rendering.resource(stored, rows: .none))
        }
    }

    /// What a resource is sorted by: of several values the primary one, or else the first.
    func key(of resource: Resource) -> IndexValue? {
        let holder = schema.map { resource[$0]?.complex } ?? resource.attributes
        guard let value = holder?[attribute.name] else { return nil }
        let one = value.array.map { values in values.first { $0["primary"] == true } ?? values.first } ?? value
        return (part.map { part in one?[part.name] } ?? one).flatMap(comparison.indexValue)
    }
}
