import MusterCore
import MusterSQLite
import MusterTesting
import Testing

@Suite struct ContractTests {
    @Test("SQLiteStore keeps every promise of Store")
    func contract() async throws {
        try await StoreContract { try SQLiteStore.inMemory() }.run()
    }
}
