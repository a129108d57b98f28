import MusterCore
import MusterSQLite
import MusterTesting
import Testing

@Suite struct ContractTests {
    @Test("SQLiteStore keeps every promise of Store")
    func contract() async throws {
        try await StoreContract { try SQLiteStore.inMemory() }.run()
    }

    @Test("searches find the same where there are too many to sort and the whole of a type is walked over")
    func walking() async throws {
        let contract = StoreContract { try SQLiteStore.inMemory(sorting: 0) }
        try await contract.filters()
        try await contract.filteredPaging()
        try await contract.sortedPages()
        try await contract.pagesWhileOthersChange()
    }
}
