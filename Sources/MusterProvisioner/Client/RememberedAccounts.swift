import MusterCore
import SCIM

/// The accounts of a target that cannot be searched: found by what they are looked up by without reading them all again.
struct RememberedAccounts: Sendable {
    /// Until when they are taken for what is there.
    let expires: Timestamp
    private var accounts: [String: RemoteResource]
    /// Ids by folded value, for each attribute that was asked for.
    private var index: [String: [String: Set<String>]] = [:]

    init(_ list: [RemoteResource], expires: Timestamp) {
        accounts = Dictionary(list.map { ($0.id, $0) }) { _, last in last }
        self.expires = expires
    }

    /// The accounts with a value at an attribute, in any case, in the order of their ids.
    mutating func find(_ value: String, at attribute: String) -> [RemoteResource] {
        if index[attribute] == nil {
            index[attribute] = accounts.values.reduce(into: [:]) { found, account in
                for text in account.document.texts(at: attribute) { found[text.caseFolded, default: []].insert(account.id) }
            }
        }
        return (index[attribute]?[value.caseFolded] ?? []).sorted().compactMap { accounts[$0] }
    }

    /// Notes how an account is now.
    mutating func remember(_ account: RemoteResource) {
        forget(account.id)
        accounts[account.id] = account
        for attribute in index.keys {
            for text in account.document.texts(at: attribute) { index[attribute]?[text.caseFolded, default: []].insert(account.id) }
        }
    }

    /// Notes that an account is gone.
    mutating func forget(_ id: String) {
        guard let old = accounts.removeValue(forKey: id) else { return }
        for attribute in index.keys {
            for text in old.document.texts(at: attribute) { index[attribute]?[text.caseFolded]?.remove(id) }
        }
    }
}
