import MusterLua
import SCIM

/// What a spec can have a client do.
enum ClientOperation: Sendable {
    case createUser(Person)
    case updateUser(String, Person)
    case setActive(Bool, String)
    case deleteUser(String)
    case setManager(String, String?)
    case listUsers
    case createGroup(String)
    case renameGroup(String, String)
    case addMember(String, group: String)
    case removeMember(String, group: String)
    case deleteGroup(String)

    /// Reads an operation as world.lua passes it on.
    init(_ name: String, _ arguments: Arguments, from first: Int) throws(HostCallError) {
        func resource(_ offset: Int, _ what: String) throws(HostCallError) -> String {
            let value = arguments[first + offset]
            guard let id = value?.string ?? value?["id"]?.string, !id.isEmpty, id.utf8.count <= 256 else {
                throw HostCallError("world.\(name): \(what) must be an id, or what an operation answered")
            }
            return id
        }
        func table(_ offset: Int, isNew: Bool) throws(HostCallError) -> Person {
            guard let object = arguments[first + offset]?.object else {
                throw HostCallError("world.\(name): a table of attributes is needed")
            }
            do { return try Person(object, isNew: isNew) } catch { throw HostCallError("world.\(name): \(error.message)") }
        }
        switch name {
        case "create_user": self = .createUser(try table(0, isNew: true))
        case "update_user": self = .updateUser(try resource(0, "the user"), try table(1, isNew: false))
        case "deactivate_user": self = .setActive(false, try resource(0, "the user"))
        case "reactivate_user": self = .setActive(true, try resource(0, "the user"))
        case "delete_user": self = .deleteUser(try resource(0, "the user"))
        case "set_manager":
            self = .setManager(try resource(0, "the user"), arguments[first + 1] == nil ? nil : try resource(1, "the manager"))
        case "list_users": self = .listUsers
        case "create_group": self = .createGroup(try arguments.string(first, "world.create_group: the displayName"))
        case "rename_group":
            self = .renameGroup(try resource(0, "the group"), try arguments.string(first + 1, "world.rename_group: the new displayName"))
        case "add_member": self = .addMember(try resource(1, "the user"), group: try resource(0, "the group"))
        case "remove_member": self = .removeMember(try resource(1, "the user"), group: try resource(0, "the group"))
        case "delete_group": self = .deleteGroup(try resource(0, "the group"))
        default: throw HostCallError("a client has no operation '\(name)'")
        }
    }

    /// Has a client do it.
    func run(with client: inout any SimulatedClient, over wire: ClientWire) async throws -> AttributeValue? {
        switch self {
        case .createUser(let person): return try await client.createUser(person, over: wire)
        case .updateUser(let id, let changes): return try await client.updateUser(id, changes, over: wire)
        case .setActive(let isActive, let id): return try await client.setActive(isActive, id, over: wire)
        case .setManager(let id, let manager): return try await client.setManager(of: id, to: manager, over: wire)
        case .listUsers: return try await client.listUsers(over: wire)
        case .createGroup(let name): return try await client.createGroup(name, over: wire)
        case .renameGroup(let group, let name): return try await client.renameGroup(group, to: name, over: wire)
        case .deleteUser(let id): try await client.deleteUser(id, over: wire)
        case .addMember(let id, let group): try await client.addMember(id, to: group, over: wire)
        case .removeMember(let id, let group): try await client.removeMember(id, from: group, over: wire)
        case .deleteGroup(let group): try await client.deleteGroup(group, over: wire)
        }
        return nil
    }
}
