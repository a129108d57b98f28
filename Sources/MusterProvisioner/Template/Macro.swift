import MusterCore
import SCIM

/// A name that a template can write as `{$user.NAME}`, in OneLogin's words.
package struct Macro: Sendable {
    /// The name as it is written between `{$` and `}`, such as `user.firstname`.
    package var name: String
    /// One line for a person: what it stands for.
    package var description: String
    /// What it stands for; nil where the person has no such value.
    let value: @Sendable (Person) -> AttributeValue?

    /// All of them, in the order in which they are told. Besides there are `{$parameters.NAME}` and `{$user.custom_fields.NAME}`.
    package static let all: [Macro] = [
        attribute("user.username", "userName", "the user name"),
        attribute("user.email", "emails", "the primary e-mail address") { $0.text(at: "emails.value") ?? $0.userNameAsAddress },
        attribute("user.firstname", "name", "the given name") { $0.text(at: "name.givenName") },
        attribute("user.lastname", "name", "the family name") { $0.text(at: "name.familyName") },
        attribute("user.display_name", "displayName", "the displayName, or else given and family name") { $0.shownName },
        attribute("user.title", "title", "the job title"),
        attribute("user.phone", "phoneNumbers", "the work phone, or else the first that is not mobile") { $0.phone },
        attribute("user.mobile", "phoneNumbers", "the mobile phone") { $0.value(ofType: "mobile", at: "phoneNumbers") },
        attribute("user.company", "organization", "the organization") { $0.enterprise("organization") },
        attribute("user.organization", "organization", "the organization") { $0.enterprise("organization") },
        attribute("user.department", "department", "the department") { $0.enterprise("department") },
        attribute("user.division", "division", "the division") { $0.enterprise("division") },
        attribute("user.cost_center", "costCenter", "the cost center") { $0.enterprise("costCenter") },
        attribute("user.employee_number", "employeeNumber", "the employee number") { $0.enterprise("employeeNumber") },
        attribute("user.street", "addresses", "the street") { $0.text(at: "addresses.streetAddress") },
        attribute("user.city", "addresses", "the city") { $0.text(at: "addresses.locality") },
        attribute("user.state", "addresses", "the state or region") { $0.text(at: "addresses.region") },
        attribute("user.zip", "addresses", "the postal code") { $0.text(at: "addresses.postalCode") },
        attribute("user.country", "addresses", "the country") { $0.text(at: "addresses.country") },
        attribute("user.user_type", "userType", "the userType"),
        attribute("user.locale", "locale", "the locale"),
        attribute("user.preferred_language", "preferredLanguage", "the preferred language"),
        attribute("user.timezone", "timezone", "the time zone"),
        attribute("user.external_id", "externalId", "the externalId"),
        Macro(name: "user.id", description: "the id in Muster") { .string($0.key.id) },
        Macro(name: "user.active", description: "true or false") { .boolean($0.isActive) },
        Macro(name: "user.groups", description: "the names of the person's groups, as a list") { person in
            if person.groups.isEmpty { return nil }
            return .array(person.groups.map { .string($0.name) })
        },
        manager("user.manager_id", "the id of the manager's account at the target; left out while there is none") {
            $0.remoteID.map { .string($0) }
        },
        manager("user.manager_user_name", "the manager's user name") { $0.user["userName"] },
        manager("user.manager_firstname", "the manager's given name") { $0.document.text(at: "name.givenName").map { .string($0) } },
        manager("user.manager_lastname", "the manager's family name") { $0.document.text(at: "name.familyName").map { .string($0) } },
        manager("user.manager_display_name", "the manager's displayName") { $0.document.shownName.map { .string($0) } },
        manager("user.manager_email", "the manager's e-mail address") { manager in
            (manager.document.text(at: "emails.value") ?? manager.document.userNameAsAddress).map { .string($0) }
        },
    ]

    /// What parameters stand for that OneLogin has by itself, unless the administrator says otherwise.
    package static let parameters: [(name: String, macro: String)] = [
        ("scimusername", "user.username"), ("title", "user.title"), ("department", "user.department"), ("userType", "user.user_type"),
        ("timezone", "user.timezone"), ("organization", "user.organization"), ("division", "user.division"),
        ("locale", "user.locale"), ("employeeNumber", "user.employee_number"), ("costCenter", "user.cost_center"),
        ("external_manager_id", "user.manager_id"),
    ]

    /// The macro of a name, with its case; nil where there is none.
    static func named(_ name: String) -> Macro? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// Whether it stands for the account of a manager, which may come later.
    var isManagerAccount: Bool { name == "user.manager_id" }

    /// Whether it tells of the manager rather than of the person.
    var isOfManager: Bool { name.hasPrefix("user.manager_") }

    private static func attribute(_ name: String, _ attribute: String, _ description: String) -> Macro {
        Macro(name: name, description: description) { $0.user[attribute] }
    }

    private static func attribute(
        _ name: String, _ attribute: String, _ description: String, _ text: @escaping @Sendable (AttributeValue) -> String?
    ) -> Macro {
        Macro(name: name, description: description) { person in text(person.document).map { .string($0) } }
    }

    private static func manager(
        _ name: String, _ description: String, _ value: @escaping @Sendable (Person.Manager) -> AttributeValue?
    ) -> Macro {
        Macro(name: name, description: description) { $0.manager.flatMap(value) }
    }
}

extension Person {
    var document: AttributeValue { .complex(user.attributes) }

    /// An attribute that a site added, by its exact name: of any extension, or of the user itself; nil where there is none.
    func customField(_ name: String) -> AttributeValue? {
        for holder in customHolders {
            if let value = holder.members.first(where: { $0.name == name })?.value, !value.isUnassigned { return value }
        }
        return nil
    }

    /// The name of a custom field that differs from `name` only in case; nil where there is none.
    func customField(like name: String) -> String? {
        customHolders.lazy.flatMap(\.members).first { $0.name != name && $0.name.isSameName(as: name) }?.name
    }

    private var customHolders: [AttributeMap] {
        user.attributes.members.filter { $0.name.contains(":") }.compactMap(\.value.complex) + [user.attributes]
    }
}

extension Person.Manager {
    var document: AttributeValue { .complex(user.attributes) }
}

extension AttributeValue {
    fileprivate func enterprise(_ name: String) -> String? { self[Schema.enterpriseUser.id]?[name]?.string }

    /// A user name that can be an e-mail address stands for one where there is no other.
    fileprivate var userNameAsAddress: String? { self["userName"]?.string.flatMap { $0.contains("@") ? $0 : nil } }

    fileprivate var shownName: String? {
        if let name = self["displayName"]?.string, !name.isEmpty { return name }
        if let name = self["name"]?["formatted"]?.string, !name.isEmpty { return name }
        let parts = [self["name"]?["givenName"]?.string, self["name"]?["familyName"]?.string].compactMap(\.self).filter { !$0.isEmpty }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    fileprivate func value(ofType type: String, at name: String) -> String? {
        self[name]?.array?.first { $0["type"]?.string?.isSameName(as: type) ?? false }?["value"]?.string
    }

    fileprivate var phone: String? {
        value(ofType: "work", at: "phoneNumbers")
            ?? self["phoneNumbers"]?.array?.first { !($0["type"]?.string?.isSameName(as: "mobile") ?? false) }?["value"]?.string
    }
}
