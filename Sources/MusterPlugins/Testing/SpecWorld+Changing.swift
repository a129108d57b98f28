import MusterCore
import SCIM
import Synchronization

extension SpecWorld {
    /// Changes the made-up directory as `muster.scim` asks: without hooks and events, which only a real engine has.
    func change(_ write: ScimWrite) throws -> AttributeValue? {
        switch write.operation {
        case .create:
            var map = write.body.complex ?? [:]
            map["id"] = .string(nextUUID())
            let resource = AttributeValue.complex(map)
            state.withLock { $0.resources[write.type, default: []].append((map["id"]?.string ?? "", resource)) }
            return resource
        case .patch:
            let type: ResourceType = write.type == ResourceType.group.name ? .group : .user
            let request = try PatchRequest(message: write.body, dialect: .rfc)
            return try state.withLock { state in
                let index = try state.index(of: write)
                let before = Resource(attributes: state.resources[write.type]?[index].value.complex ?? [:])
                let expanded = try request.expanded(for: type, in: .standard, resourceID: write.id ?? "", dialect: .rfc)
                let after = AttributeValue.complex(try expanded.applied(to: before, of: type, in: .standard, dialect: .rfc).attributes)
                state.resources[write.type]?[index].value = after
                return after
            }
        case .delete:
            try state.withLock { state in
                let index = try state.index(of: write)
                state.resources[write.type]?.remove(at: index)
            }
            return nil
        }
    }
}

extension SpecWorld.State {
    fileprivate func index(of write: ScimWrite) throws -> Int {
        guard let index = resources[write.type]?.firstIndex(where: { $0.id == write.id }) else {
            throw SCIMError.notFound("there is no \(write.target); add it with test.scim.add")
        }
        return index
    }
}
