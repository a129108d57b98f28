import MusterCore
import MusterDirectory
import MusterPlugins
import SCIM

extension ScimAccess {
    /// What `muster.scim` does: it sees what a client would see, without a base URL of its own, and its changes go the way of a
    /// client's, through all hooks.
    /// - Parameter directory: The engine of a tenant; nil where there is none.
    init(_ directory: @escaping @Sendable (Tenant) async throws -> Directory?) {
        @Sendable func engine(_ tenant: Tenant) async throws -> Directory {
            guard let engine = try await directory(tenant) else { throw SCIMError.notFound("there is no tenant '\(tenant.name)'") }
            return engine
        }
        @Sendable func type(_ name: String, _ directory: Directory) throws -> ResourceType {
            guard let type = directory.registry.resourceType(named: name) else {
                throw SCIMError.invalidValue("there is no resource type '\(name)'")
            }
            return type
        }
        self.init(
            get: { name, id, tenant in
                let directory = try await engine(tenant)
                do { return try await directory.document(try type(name, directory), id, tenant) } catch let error as SCIMError
                    where error.status == 404
                { return nil }
            },
            find: { name, filter, startIndex, count, tenant in
                let directory = try await engine(tenant)
                let request = SearchRequest(filter: try filter.map { try Filter(parsing: $0) }, startIndex: startIndex, count: count)
                let answer = try await directory.search(
                    [try type(name, directory)], request, in: tenant, baseURL: "", dialect: .auto)
                return try AttributeValue(json: answer.message)
            },
            write: { write, origin in
                let directory = try await engine(origin.tenant)
                return try await directory.carryOut(write, as: origin, on: try type(write.type, directory))
            })
    }
}

extension Directory {
    fileprivate func document(_ type: ResourceType, _ id: String, _ tenant: Tenant) async throws -> AttributeValue? {
        try await get(type, id: id, in: tenant, AnswerOptions(baseURL: "")).body.map { try AttributeValue(json: $0) }
    }

    /// Carries out what a plugin asks for. A script's mistake is refused rather than understood: the dialect is the RFC's, with
    /// the site's rule for names of groups.
    fileprivate func carryOut(_ write: ScimWrite, as origin: RequestOrigin, on type: ResourceType) async throws -> AttributeValue? {
        var dialect = ClientDialect.rfc
        dialect.groupNames = settings.dialect.groupNames
        let (id, options) = (write.id ?? "", AnswerOptions(baseURL: "", dialect: dialect))
        var body = write.body
        switch write.operation {
        case .create:
            if case .complex(var map) = body, map["schemas"] == nil {
                map.append("schemas", .array(([type.schema] + map.members.map(\.name).filter { $0.contains(":") }).map { .string($0) }))
                body = .complex(map)
            }
            return try await create(type, body, origin, options).body.map { try AttributeValue(json: $0) }
        case .patch:
            // The members of a large group are not answered; who wants them asks for them.
            let answer = try await patch(type, id: id, body, origin, options)
            return try answer.body.map { try AttributeValue(json: $0) } ?? ["id": .string(id)]
        case .delete:
            try await delete(type, id: id, origin)
            return nil
        }
    }
}
