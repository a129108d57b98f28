import MusterCore
import SCIM

extension SCIMClient {
    /// The account that belongs to a document, by the first matching attribute that finds one; nil where none does.
    /// - Throws: ``ProvisionerError`` `conflict` when there are several candidates: a person has to decide. ``TargetError``.
    func lookUp(_ document: AttributeValue, for subject: ResourceKey, at target: KnownTarget) async throws -> RemoteResource? {
        for attribute in target.definition.matching {
            guard let value = document.text(at: attribute), !value.isEmpty else { continue }
            let found = try await find("Users", attribute: attribute, value: value)
            if found.count > 1 {
                throw ProvisionerError(
                    .conflict,
                    "\(found.count) accounts there have the \(attribute) '\(value)': \(found.prefix(5).map(\.id).joined(separator: ", ")); "
                        + "choose one with 'muster target adopt \(target.row.name) --user \(subject.id) --id ID'")
            }
            if let only = found.first { return only }
        }
        return nil
    }
}
