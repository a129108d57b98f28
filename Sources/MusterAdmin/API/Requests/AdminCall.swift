import MusterCore
import MusterProvisioner
import MusterServer
import SCIM

/// One request with what its operation needs to know.
struct AdminCall: Sendable {
    let provisioner: Provisioner
    let reconciliations: Reconciliations
    /// Whose administration it is.
    let tenant: Tenant
    /// Who asks: the name of the token.
    let actor: String
    /// How long an answer may be waited for.
    let patience: Duration
    /// What stands for the names in the path.
    let names: [String: String]
    /// The query string, which has nothing that the operation does not know.
    let parameters: QueryParameters
    /// The body; null where there is none.
    let body: AttributeValue

    /// What the path says of a name.
    subscript(_ name: String) -> String {
        guard let value = names[name] else { preconditionFailure("the operation's path has no {\(name)}") }
        return value
    }

    /// A parameter of the query string; nil where it is missing or empty.
    func parameter(_ parameter: AdminParameter) -> String? {
        parameters[parameter.rawValue].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// How many are wanted.
    /// - Throws: `SCIMError` invalidValue.
    func limit() throws(SCIMError) -> Int {
        guard let text = parameter(.limit) else { return AdminParameter.usualPerPage }
        guard let limit = Int(text), (1...AdminParameter.mostPerPage).contains(limit) else {
            throw .invalidValue("limit: a number from 1 to \(AdminParameter.mostPerPage) is wanted")
        }
        return limit
    }

    /// The number at which a page begins; 0 for the first.
    /// - Throws: `SCIMError` invalidValue.
    func position(_ parameter: AdminParameter) throws(SCIMError) -> Int64 {
        guard let text = self.parameter(parameter) else { return 0 }
        guard let number = Int64(text), number >= 0 else {
            throw .invalidValue("\(parameter.rawValue): the number that was the 'next' of the page before is wanted")
        }
        return number
    }

    /// The body as an object that has none but these members.
    func message(_ members: String...) throws(SCIMError) -> AdminMessage { try AdminMessage(body, members: members) }

    /// The answer with one page of a list.
    /// - Parameters:
    ///   - items: Up to one more than the limit.
    ///   - next: What a page that begins behind an item is asked for with.
    func page<Item>(_ items: [Item], _ document: (Item) -> AttributeValue, next: (Item) -> String) throws(SCIMError) -> AdminAnswer {
        let shown = items.prefix(try limit())
        var map: AttributeMap = ["items": .array(shown.map(document))]
        if shown.count < items.count, let last = shown.last { map.append("next", .string(next(last))) }
        return AdminAnswer(.complex(map))
    }

    /// The answer with one page of a list that is whole in memory.
    /// - Parameter name: What tells an item from the others.
    func page<Item>(ofAll items: [Item], _ document: (Item) -> AttributeValue, name: (Item) -> String) throws(SCIMError) -> AdminAnswer {
        var rest = items[...]
        if let after = parameter(.after) {
            guard let index = items.firstIndex(where: { name($0) == after }) else {
                throw .invalidValue("after: nothing here is called '\(after)'; begin again without it")
            }
            rest = items[(index + 1)...]
        }
        return try page(Array(rest), document, next: name)
    }
}
