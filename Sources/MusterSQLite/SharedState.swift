/// What the transactions of a store have in common.
final class SharedState: Sendable {
    /// As many resources as a search sorts where no index has them in order. Where there are more, the whole of a type is
    /// walked over in order, which then soon fills a page.
    static let sortable = 5_000

    let names = Names()
    let pageEnds = PageEnds()
    /// See ``sortable``; another one for tests.
    let sortable: Int

    init(sortable: Int = SharedState.sortable) { self.sortable = sortable }
}
