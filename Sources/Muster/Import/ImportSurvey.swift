import MusterCore
import MusterDirectory
import SCIM

/// What a table says, before anything is changed: which rows can be carried out, which managers and groups they name, and who is missing.
struct ImportSurvey: Sendable {
    /// Rows that were read.
    var rows = 0
    /// What is wrong with rows, by their lines.
    var problems: [Int: String] = [:]
    /// The ids of groups, by their display names folded.
    var groups: [String: String] = [:]
    /// The display names of groups that are to be made, as they are first written.
    var newGroups: [String] = []
    /// People who are active and not in the table: id and name.
    var missing: [(id: String, name: String)] = []
    /// How many people are active.
    var active = 0

    /// One row that can be read.
    private struct Entry {
        var line: Int
        var name: String?
        var manager: String?
        var groups: [String]
    }

    /// Goes over a table.
    /// - Throws: `StoreError`; `CancellationError`.
    init(_ table: CSVTable, _ layout: ImportLayout, _ directory: Directory, _ tenant: Tenant, _ options: ImportOptions) async throws {
        // An externalId differs by case alone, a userName does not (RFC 7643 §3.1, §4.1.1).
        let indexed = directory.index.attributes[ResourceType.user.name]?.first { $0.name == options.match.rawValue }
        let key = { @Sendable (text: String) in indexed?.indexValue(.string(text)) ?? .text(text) }
        var (entries, keys) = ([Entry](), [IndexValue: Int]())
        for row in table.rows {
            rows += 1
            if rows.isMultiple(of: 1000) {
                try Task.checkCancellation()
                await Task.yield()
            }
            let read: ImportRow
            do { read = try layout.read(row) } catch {
                problems[row.line] = error.text
                continue
            }
            let value = key(read.key)
            if let first = keys[value] {
                problems[row.line] = "'\(read.key)' is the person of line \(first) already"
                continue
            }
            keys[value] = row.line
            entries.append(
                Entry(
                    line: row.line, name: read.userName?.caseFolded, manager: read.manager.flatMap { $0.isEmpty ? nil : $0 },
                    groups: read.groups))
        }
        try await findGroups(entries, directory, tenant, options)
        try await checkManagers(entries.filter { problems[$0.line] == nil }, directory, tenant)
        if options.deactivatesMissing { try await findMissing({ [keys] in keys[key($0)] == nil }, directory, tenant, options) }
    }

    private mutating func findGroups(
        _ entries: [Entry], _ directory: Directory, _ tenant: Tenant, _ options: ImportOptions
    ) async throws {
        var names: [(name: String, folded: String)] = []
        var seen: Set<String> = []
        for name in entries.lazy.flatMap(\.groups) where seen.insert(name.caseFolded).inserted { names.append((name, name.caseFolded)) }
        guard !names.isEmpty else { return }
        let found = try await directory.store.read(.scan) { [names] transaction in
            try names.map { name in
                try transaction.resources(of: ResourceType.group.name, in: tenant, where: "displayName", equals: .text(name.folded)).map(
                    \.key.id)
            }
        }
        var wrong: [String: String] = [:]
        for (name, ids) in zip(names, found) {
            switch ids.count {
            case 1: groups[name.folded] = ids[0]
            case 0 where options.createsGroups: newGroups.append(name.name)
            case 0: wrong[name.folded] = "there is no group '\(name.name)'; groups are made with --create-groups"
            default: wrong[name.folded] = "\(ids.count) groups are called '\(name.name)'"
            }
        }
        guard !wrong.isEmpty else { return }
        for entry in entries {
            if let problem = entry.groups.lazy.compactMap({ wrong[$0.caseFolded] }).first { problems[entry.line] = problem }
        }
    }

    /// Finds rows whose manager is nobody, and then those whose manager is the person of such a row.
    private mutating func checkManagers(_ entries: [Entry], _ directory: Directory, _ tenant: Tenant) async throws {
        let wanted = Set(entries.compactMap { $0.manager?.caseFolded })
        guard !wanted.isEmpty else { return }
        let present = try await directory.store.read(.scan) { transaction in
            try wanted.filter {
                try !transaction.resources(of: ResourceType.user.name, in: tenant, where: "userName", equals: .text($0)).isEmpty
            }
        }
        var open = entries
        while true {
            let names = Set(open.compactMap(\.name)).union(present)
            let lost = open.filter { entry in entry.manager.map { !names.contains($0.caseFolded) } ?? false }
            guard !lost.isEmpty else { return }
            for entry in lost {
                problems[entry.line] = "the manager '\(entry.manager ?? "")' is neither in the directory nor a person of the file"
            }
            open.removeAll { problems[$0.line] != nil }
        }
    }

    private mutating func findMissing(
        _ isMissing: @escaping @Sendable (_ key: String) -> Bool, _ directory: Directory, _ tenant: Tenant, _ options: ImportOptions
    ) async throws {
        (missing, active) = try await directory.store.read(.scan) { transaction in
            var (missing, active) = ([(id: String, name: String)](), 0)
            try transaction.forEachResource(of: ResourceType.user.name, in: tenant) { stored in
                let user = try Resource(stored: stored)
                guard user.isActive else { return }
                active += 1
                // Whom another source made bears no mark of this one.
                guard let key = user[options.match.rawValue]?.string, isMissing(key) else { return }
                missing.append((stored.key.id, user["userName"]?.string ?? stored.key.id))
            }
            return (missing, active)
        }
    }
}
