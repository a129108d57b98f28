public import MusterCore
import SCIM
import Testing

/// What every ``Store`` promises, as a test of it.
///
///     @Test func contract() async throws {
///         try await StoreContract { try MyStore.temporary() }.run()
///     }
///
/// Each method is one promise and begins with an empty store of its own.
public struct StoreContract: Sendable {
    let make: @Sendable () async throws -> any Store

    /// Creates the contract.
    /// - Parameter make: Makes an empty store, a new one at each call.
    public init(_ make: @escaping @Sendable () async throws -> any Store) { self.make = make }

    /// Runs all promises, one after the other.
    public func run() async throws {
        try await runResources()
        try await runSearch()
        try await runPages()
        try await runMembership()
        try await runQueue()
        try await runChanges()
        try await runTenants()
        try await runRecords()
        try await runProvisioning()
        try await runProvisioningTasks()
        try await runProvisioningHistory()
    }
}
