public import SCIM

/// What shapes resources on their way to a client. What is stored stays as it is.
///
/// Runs outside of transactions, and must answer the same for the same resource: its result is part of the entity tag.
/// A thrown `SCIMError` is the client's answer.
public struct AnswerInterceptor: Sendable {
    /// Whether answers with resources of this type are of interest. Asked for every answer, so it must be quick; where
    /// nobody is interested the stored bytes are copied out.
    public var concerns: @Sendable (_ resourceType: String) -> Bool
    /// Returns the resources of one answer in their order, shaped. `id`, `schemas` and `meta` stay whatever it does to them.
    public var shape: @Sendable (_ resources: [Resource], _ resourceType: String, RequestOrigin) async throws -> [Resource]

    /// Creates an interceptor.
    public init(
        concerns: @escaping @Sendable (_ resourceType: String) -> Bool = { _ in true },
        shape: @escaping @Sendable (_ resources: [Resource], _ resourceType: String, RequestOrigin) async throws -> [Resource]
    ) {
        self.concerns = concerns
        self.shape = shape
    }
}
