import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite struct InterceptorTests {
    @Test("a map hook changes the user in place and asks for groups; a map that changes nothing keeps the order of attributes")
    func map() async throws {
        let plugins = try await plugin(
            .mapUser,
            """
            ctx.user.title = ctx.operation .. "/" .. ctx.request.client .. "/" .. ctx.request.path
            ctx.user.emails[2] = { value = "b@example.com" }
            ctx.user.nickName = nil
            ctx.groups.add("staff")
            ctx.groups.remove("guests")
            """)
        let change = try await plugins.create(["userName": "ada", "emails": [["value": "a@example.com"]], "nickName": "a"])
        let expected: AttributeMap = [
            "id": "u1", "userName": "ada", "emails": [["value": "a@example.com"], ["value": "b@example.com"]],
            "title": "create/onelogin//Users",
        ]
        #expect(change.after?.attributes == expected)
        #expect(change.groupEffects == [.init(.add, group: "staff"), .init(.remove, group: "guests")])

        let idle = try await plugin(.mapUser, "")
        let user: AttributeMap = ["userName": "ada", "active": true, "name": ["familyName": "L"], "title": "x"]
        #expect(try await idle.create(user).after?.attributes.members.map(\.name) == ["userName", "active", "name", "title", "id"])
    }
}
