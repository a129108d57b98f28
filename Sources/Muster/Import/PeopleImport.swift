import Foundation
import MusterCore
import MusterDirectory
import SCIM

/// Brings the people of a table into a directory.
///
/// Each row is one change by the engine, with its hooks and events, as if a client had sent it: new people are created, those who
/// are there get a PATCH of what the columns say, and where nothing differs nothing is done. A manager who comes later in the file is
/// filled in after all rows, and groups are joined at the end.
struct PeopleImport {
    /// Who makes the changes.
    static let actor = "import"
    /// Rows that are carried out at a time.
    private static let width = 32
    /// Members that join a group with one change.
    private static let membersPerChange = 500
    fileprivate static let managerPath = AttributePath(schema: Schema.enterpriseUser.id, attribute: "manager")

    private let directory: Directory
    private let tenant: Tenant
    private let options: ImportOptions
    private let table: CSVTable
    private let layout: ImportLayout
    private let progress: (_ done: Int, _ total: Int) -> Void
    private let report: (ImportReport) -> Void
    private var summary = ImportSummary()
    /// People whose manager was not there yet.
    private var awaiting: [(line: Int, name: String, outcome: Outcome, id: String, manager: String)] = []
    /// Who joins which group, by its name folded.
    private var joining: [(group: String, members: [(line: Int, id: String)])] = []
    /// Where a group stands among ``joining``, by its name folded.
    private var joiningPositions: [String: Int] = [:]
    private var failedLines: Set<Int> = []

    /// - Throws: ``ImportError`` when the columns make no sense.
    init(
        _ table: CSVTable, into directory: Directory, tenant: Tenant, options: ImportOptions,
        progress: @escaping (_ done: Int, _ total: Int) -> Void, report: @escaping (ImportReport) -> Void
    ) throws {
        self.directory = directory
        self.tenant = tenant
        self.options = options
        self.table = table
        self.progress = progress
        self.report = report
        layout = try ImportLayout(table, options, registry: directory.registry)
    }

    /// Carries it out.
    mutating func run() async throws -> ImportSummary {
        let survey = try await ImportSurvey(table, layout, directory, tenant, options)
        summary.rows = survey.rows
        for (line, text) in survey.problems.sorted(by: { $0.key < $1.key }) { fail(line, text) }
        guard !(options.stopsAtFirstProblem && summary.failed > 0) else { return stopped() }
        if Double(survey.missing.count) * 100 > options.deactivationLimit * Double(survey.active) {
            throw ImportError([
                "\(survey.missing.count) of \(survey.active) active people are not in the file, which is more than "
                    + "\(options.deactivationLimit) %; say --force if that is meant"
            ])
        }
        try await writeRows(survey)
        // Where it ended early, the rows above still get all that they say.
        try await writeManagers()
        try await join(survey)
        if !summary.isStopped { try await deactivate(survey) }
        return summary
    }

    // MARK: Rows

    /// What became of one row.
    fileprivate enum Outcome: Sendable {
        case created(id: String)
        case updated(id: String, attributes: [String])
        case unchanged(id: String)
        case failed(String)
    }

    private mutating func writeRows(_ survey: ImportSurvey) async throws {
        var (chunk, done) = ([ImportRow](), 0)
        let width = options.stopsAtFirstProblem ? 1 : Self.width
        for row in table.rows {
            done += 1
            guard survey.problems[row.line] == nil, let read = try? layout.read(row) else { continue }
            chunk.append(read)
            guard chunk.count == width else { continue }
            try await write(chunk)
            chunk = []
            progress(done, survey.rows)
            if summary.isStopped { return }
        }
        try await write(chunk)
        progress(done, survey.rows)
    }

    private mutating func write(_ rows: [ImportRow]) async throws {
        let (directory, tenant, options) = (directory, tenant, options)
        // Who is there is asked before the first of these rows is carried out: what is told does not hang on which comes first.
        var managers: [String: String] = [:]
        for name in Set(rows.compactMap { $0.manager?.caseFolded }) where !name.isEmpty {
            managers[name] = try await directory.people(where: "userName", is: name, in: tenant).first?.key.id
        }
        let outcomes = try await withThrowingTaskGroup(of: (Int, Outcome, Bool).self) { group in
            for (index, row) in rows.enumerated() {
                let manager = row.manager.flatMap { managers[$0.caseFolded] }
                group.addTask {
                    let (outcome, awaits) = try await directory.write(row, manager: manager, in: tenant, match: options.match)
                    return (index, outcome, awaits)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
        }
        for (index, outcome, awaitsManager) in outcomes {
            let row = rows[index]
            let name = row.userName ?? row.key
            let id: String
            switch outcome {
            case .failed(let text):
                fail(row.line, text)
                if options.stopsAtFirstProblem { _ = stopped() }
                continue
            case .created(let made):
                id = made
                summary.created += 1
                report(.created(line: row.line, name: name))
            case .updated(let found, let attributes):
                id = found
                summary.updated += 1
                report(.updated(line: row.line, name: name, attributes: attributes))
            case .unchanged(let found):
                id = found
                summary.unchanged += 1
            }
            if awaitsManager, let manager = row.manager { awaiting.append((row.line, name, outcome, id, manager)) }
            for group in row.groups { join(group.caseFolded, row.line, id) }
        }
    }

    private mutating func join(_ group: String, _ line: Int, _ id: String) {
        let index = joiningPositions[group] ?? joining.endIndex
        if index == joining.endIndex {
            joining.append((group, []))
            joiningPositions[group] = index
        }
        // A row may name a group twice, in two spellings.
        if joining[index].members.last?.id != id { joining[index].members.append((line, id)) }
    }

    // MARK: What comes after all rows

    private mutating func writeManagers() async throws {
        for (line, name, outcome, id, manager) in awaiting {
            guard let found = try await directory.people(where: "userName", is: manager, in: tenant).first else {
                fail(line, "its person was imported without the manager '\(manager)', whose row was not carried out")
                continue
            }
            let operation = PatchOperation(.replace, path: Self.managerPath, value: ["value": .string(found.key.id)])
            do {
                guard let stored = try await directory.person(id, in: tenant) else { throw SCIMError.notFound("it was deleted meanwhile") }
                let changed = try directory.differences([operation], make: stored)
                guard !changed.isEmpty else { continue }
                _ = try await directory.change(id, ResourceType.user, [operation], in: tenant)
                if case .created = outcome { continue }
                if case .unchanged = outcome {
                    summary.unchanged -= 1
                    summary.updated += 1
                }
                report(.updated(line: line, name: name, attributes: changed))
            } catch let error as SCIMError {
                fail(line, "its person was imported without the manager '\(manager)': \(error.detail)")
            }
        }
    }

    private mutating func join(_ survey: ImportSurvey) async throws {
        var ids = survey.groups
        for name in survey.newGroups {
            guard let position = joiningPositions[name.caseFolded] else { continue }
            do {
                ids[name.caseFolded] = try await directory.makeGroup(name, in: tenant)
                summary.groups += 1
                report(.group(name: name))
            } catch let error as SCIMError {
                for member in joining[position].members {
                    fail(member.line, "its person was imported, but the group '\(name)' could not be made: \(error.detail)")
                }
            }
        }
        for (group, members) in joining {
            guard let id = ids[group] else { continue }
            let new = try await directory.outsiders(of: id, among: members.map(\.id), in: tenant)
            let wanted = members.filter { new.contains($0.id) }
            for start in stride(from: 0, to: wanted.count, by: Self.membersPerChange) {
                let part = wanted[start..<min(start + Self.membersPerChange, wanted.count)]
                let values: [AttributeValue] = part.map { ["value": .string($0.id)] }
                let operation = PatchOperation(.add, path: AttributePath(attribute: "members"), value: .array(values))
                do {
                    _ = try await directory.change(id, ResourceType.group, [operation], in: tenant)
                    summary.joined += part.count
                } catch let error as SCIMError {
                    for member in part { fail(member.line, "its person was imported, but could not join a group: \(error.detail)") }
                }
            }
        }
    }

    private mutating func deactivate(_ survey: ImportSurvey) async throws {
        guard !survey.missing.isEmpty else { return }
        guard summary.failed == 0 else {
            return report(.note("nobody was deactivated, for \(summary.failed) rows could not be carried out"))
        }
        for (id, name) in survey.missing {
            let operation = PatchOperation(.replace, path: AttributePath(attribute: "active"), value: false)
            do {
                _ = try await directory.change(id, ResourceType.user, [operation], in: tenant)
                summary.deactivated += 1
                report(.deactivated(name: name))
            } catch let error as SCIMError where error.status == 404 {
                // They went meanwhile.
            } catch let error as SCIMError {
                summary.failed += 1
                report(.note("error: \(name) could not be deactivated: \(error.detail)"))
            }
        }
    }

    // MARK: Counting

    private mutating func fail(_ line: Int, _ text: String) {
        if failedLines.insert(line).inserted { summary.failed += 1 }
        report(.problem(line: line, text))
    }

    private mutating func stopped() -> ImportSummary {
        summary.isStopped = true
        return summary
    }
}

extension Directory {
    /// Carries a row out.
    /// - Parameter manager: The id of its manager; nil where there is none, or none yet.
    /// - Returns: What became of it, and whether the manager has yet to be filled in.
    fileprivate func write(
        _ row: ImportRow, manager: String?, in tenant: Tenant, match: ImportOptions.Match
    ) async throws -> (outcome: PeopleImport.Outcome, awaitsManager: Bool) {
        var (operations, awaitsManager) = (row.operations, false)
        if let manager {
            operations.append(PatchOperation(.replace, path: PeopleImport.managerPath, value: ["value": .string(manager)]))
        } else if let name = row.manager {
            if name.isEmpty { operations.append(PatchOperation(.remove, path: PeopleImport.managerPath)) } else { awaitsManager = true }
        }
        do {
            let found = try await people(where: match.rawValue, is: row.key, in: tenant)
            guard found.count < 2 else { return (.failed("\(found.count) people have the \(match.rawValue) '\(row.key)'"), false) }
            guard let stored = found.first else { return (.created(id: try await create(row, operations, in: tenant)), awaitsManager) }
            let changed = try differences(operations, make: stored)
            guard !changed.isEmpty else { return (.unchanged(id: stored.key.id), awaitsManager) }
            _ = try await change(stored.key.id, ResourceType.user, operations, in: tenant)
            return (.updated(id: stored.key.id, attributes: changed), awaitsManager)
        } catch let error as SCIMError { return (.failed(error.detail), false) }
    }

    /// The names of the attributes of a person that operations would change.
    fileprivate func differences(_ operations: [PatchOperation], make stored: StoredResource) throws -> [String] {
        let before = try Resource(stored: stored)
        let after = try PatchRequest(operations: operations).applied(to: before, of: .user, in: registry)
        return before.differences(to: try ResourceValidator(registry: registry, type: userType).validated(after, replacing: before))
    }

    private func create(_ row: ImportRow, _ operations: [PatchOperation], in tenant: Tenant) async throws -> String {
        guard row.userName != nil else {
            throw SCIMError.invalidValue("nobody has this externalId, and the file has no userName for a new person")
        }
        var operations = operations
        if row.hasWorkAddress {
            let work = Filter.comparison(AttributePath(attribute: "type"), .eq, "work")
            operations.append(
                PatchOperation(
                    .replace, path: AttributePath(attribute: "emails", valueFilter: work, subAttribute: "primary"), value: true))
        }
        let empty = Resource(attributes: ["schemas": [.string(Schema.user.id)]])
        let person = try PatchRequest(operations: operations).applied(to: empty, of: userType, in: registry)
        return try await create(userType, person, in: tenant)
    }

    /// Makes a group.
    /// - Returns: Its id.
    fileprivate func makeGroup(_ name: String, in tenant: Tenant) async throws -> String {
        let group = Resource(attributes: ["schemas": [.string(Schema.group.id)], "displayName": .string(name)])
        return try await create(registry.resourceType(named: ResourceType.group.name) ?? .group, group, in: tenant)
    }

    private func create(_ type: ResourceType, _ resource: Resource, in tenant: Tenant) async throws -> String {
        let answer = try await create(type, .complex(resource.attributes), origin(in: tenant), AnswerOptions(baseURL: "", dialect: .auto))
        guard let id = try answer.body.flatMap({ try AttributeValue(json: $0)["id"]?.string }) else {
            throw StoreError(.unavailable, "a new \(type.name) has no id")
        }
        return id
    }

    /// Changes a resource by a PATCH.
    fileprivate func change(_ id: String, _ type: ResourceType, _ operations: [PatchOperation], in tenant: Tenant) async throws
        -> ResourceAnswer
    {
        let list = operations.map { operation -> AttributeValue in
            var map: AttributeMap = ["op": .string(operation.kind.rawValue)]
            if let path = operation.path { map.append("path", .string("\(path)")) }
            if let value = operation.value { map.append("value", value) }
            return .complex(map)
        }
        let message: AttributeValue = ["schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": .array(list)]
        return try await patch(
            registry.resourceType(named: type.name) ?? type, id: id, message, origin(in: tenant), AnswerOptions(baseURL: "", dialect: .auto)
        )
    }

    /// The people with a value at an attribute of the index.
    fileprivate func people(where attribute: String, is value: String, in tenant: Tenant) async throws -> [StoredResource] {
        let indexed = index.attributes[ResourceType.user.name]?.first { $0.name == attribute }
        guard let wanted = indexed?.indexValue(.string(value)) else { return [] }
        return try await store.read { try $0.resources(of: ResourceType.user.name, in: tenant, where: attribute, equals: wanted) }
    }

    fileprivate func person(_ id: String, in tenant: Tenant) async throws -> StoredResource? {
        try await store.read { try $0.resource(ResourceKey(tenant: tenant, type: ResourceType.user.name, id: id)) }
    }

    /// Those of some people who are no direct members of a group.
    fileprivate func outsiders(of group: String, among ids: [String], in tenant: Tenant) async throws -> Set<String> {
        try await store.read(.scan) { transaction in
            var outsiders = Set(ids)
            try transaction.forEachMember(of: ResourceKey(tenant: tenant, type: ResourceType.group.name, id: group)) {
                outsiders.remove($0.member.id)
            }
            return outsiders
        }
    }

    private var userType: ResourceType { registry.resourceType(named: ResourceType.user.name) ?? .user }

    private func origin(in tenant: Tenant) -> RequestOrigin {
        RequestOrigin(id: "import-" + UUID().uuidString.lowercased(), client: PeopleImport.actor, tenant: tenant)
    }
}

extension Resource {
    /// The names of the attributes that differ, those of extensions without their URN.
    fileprivate func differences(to other: Resource) -> [String] {
        var names: [String] = []
        for name in (attributes.members + other.attributes.members).map(\.name) where name != "schemas" && !names.contains(name) {
            guard self[name] != other[name] else { continue }
            guard name.contains(":") else {
                names.append(name)
                continue
            }
            let parts = (self[name]?.complex?.members ?? []) + (other[name]?.complex?.members ?? [])
            for part in parts.map(\.name) where self[name]?[part] != other[name]?[part] && !names.contains(part) { names.append(part) }
        }
        return names
    }
}
