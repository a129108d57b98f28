import SCIM
import Testing

@Suite("The schemas of the OpenAPI description")
struct OpenAPISchemaTests {
    private typealias Bench = OpenAPIBench

    private static let nullableText: AttributeMap = ["type": ["string", "null"], "pattern": "^[^\\u0000]*$"]
    private static let nonBlank = AttributeValue.string("^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$")

    @Test(
        "an attribute is described by its type; what is sent may be null where it need not be",
        arguments: [
            ("Weight", ["type": ["number", "null"]], ["type": "number"]),
            ("shift", ["type": ["string", "null"], "enum": ["early", "late", nil]], ["type": "string", "enum": ["early", "late"]]),
            (
                "size", ["type": ["string", "null"], "examples": ["S", "M"], "pattern": "^[^\\u0000]*$"],
                ["type": "string", "examples": ["S", "M"]]
            ),
            ("code", ["type": "string", "pattern": nonBlank, "maxLength": 1024], ["type": "string"]),
            ("since", ["type": ["string", "null"], "format": "date-time"], ["type": "string", "format": "date-time"]),
            ("floor", ["type": ["integer", "null"], "format": "int64"], ["type": "integer", "format": "int64"]),
            ("home", nullableText, ["type": "string"]),
            (
                "tags", ["type": "array", "items": ["type": "string", "pattern": nonBlank], "minItems": 1, "maxItems": 1000],
                ["type": "array", "items": ["type": "string"]]
            ),
            ("seen", nil, ["type": "boolean", "readOnly": true]),
            ("pin", ["type": "string", "pattern": nonBlank, "maxLength": 1024, "writeOnly": true], nil), ("nope", nil, nil),
        ] as [(String, AttributeMap?, AttributeMap?)])
    func attributes(name: String, sent: AttributeMap?, answered: AttributeMap?) {
        #expect(Bench.schema("DeviceAttributes")?["properties"]?[name]?.complex == sent)
        #expect(Bench.schema("Device")?["properties"]?[name]?.complex == answered)
    }

    @Test("complex values have the parts that the author may write")
    func complexValues() {
        let sent = Bench.schema("DeviceAttributes")?["properties"]?["ports"]
        #expect(sent?["type"] == ["array", "null"])
        #expect(sent?["items"]?["required"] == ["number"])
        #expect(sent?["items"]?["properties"]?.complex?.members.map(\.name) == ["number"])
        let answered = Bench.schema("Device")?["properties"]?["ports"]?["items"]
        #expect(answered?["properties"]?.complex?.members.map(\.name) == ["number", "state"])
        #expect(answered?["properties"]?["state"]?["readOnly"] == true)
        #expect(answered?["required"] == nil)
        #expect(Bench.schema("GroupAttributes")?["properties"]?["members"]?["items"]?["required"] == ["value"])
    }

    @Test("what is required is required of POST and PUT, but neither readOnly attributes nor of PATCH")
    func required() {
        func demands(_ name: String) -> AttributeValue? { Bench.schema(name)?["allOf"]?.array?.last }
        #expect(demands("UserRequest")?["required"] == ["userName"])
        #expect(demands("GroupRequest")?["required"] == ["displayName"])
        #expect(demands("DeviceRequest")?["required"] == ["code", "tags", .string(Bench.site.id)])
        #expect(demands("DeviceRequest")?["properties"]?[Bench.site.id]?["required"] == ["room"])
        for name in ["UserAttributes", "GroupAttributes", "DeviceAttributes"] { #expect(Bench.schema(name)?["required"] == nil) }
        for name in ["User", "Group", "Device"] { #expect(Bench.schema(name)?["required"] == ["schemas", "id"]) }
    }

    @Test("readOnly attributes are in answers only, a password in requests only")
    func directions() throws {
        let (user, written) = (Bench.schema("User")?["properties"], Bench.schema("UserAttributes")?["properties"])
        for name in ["id", "meta", "groups"] {
            #expect(written?[name] == nil)
            #expect(user?[name]?["readOnly"] == true)
        }
        #expect(written?["password"]?["writeOnly"] == true)
        let manager = try #require(Schema.enterpriseUser.attribute("manager")?.subAttribute("displayName"))
        #expect(manager.mutability == .readOnly)
        let urn = Schema.enterpriseUser.id
        #expect(user?[urn]?["properties"]?["manager"]?["properties"]?["displayName"] != nil)
        #expect(written?[urn]?["properties"]?["manager"]?["properties"]?["displayName"] == nil)
    }

    @Test("no answer has a password, wherever one follows its references")
    func passwords() {
        let document = Bench.document()
        let schemas = document["components"]?["schemas"]
        for (path, method, operation) in Bench.operations(document) {
            var (found, open): (Set<String>, Set<String>) = ([], Bench.references(in: operation["responses"] ?? nil))
            while let next = open.popFirst() {
                guard next.hasPrefix("#/components/schemas/"), found.insert(next).inserted else { continue }
                guard let schema = schemas?[String(next.dropFirst("#/components/schemas/".count))] else { continue }
                #expect(schema["properties"]?["password"] == nil, "\(method) \(path) \(next)")
                #expect(schema["properties"]?["pin"] == nil, "\(method) \(path) \(next)")
                open.formUnion(Bench.references(in: schema))
            }
        }
    }

    @Test("the examples are accepted", arguments: ["/Users", "/Groups", "/Devices"])
    func examples(endpoint: String) throws {
        let item = Bench.document()["paths"]
        let type = try #require(Bench.registry.resourceTypes.first { $0.endpoint == endpoint })
        let body = try #require(item?[endpoint]?["post"]?["requestBody"]?["content"]?["application/scim+json"]?["example"])
        let validator = ResourceValidator(registry: Bench.registry, type: type)
        let resource = try validator.resource(from: body, replacing: nil, dialect: .rfc)
        let change = try #require(item?[endpoint + "/{id}"]?["patch"]?["requestBody"]?["content"]?["application/scim+json"]?["example"])
        let patched = try PatchRequest(message: change, dialect: .rfc)
            .applied(to: resource, of: type, in: Bench.registry, dialect: .rfc)
        #expect(patched["externalId"] == "701984")
        let search = try #require(
            item?[endpoint + "/.search"]?["post"]?["requestBody"]?["content"]?["application/scim+json"]?["example"])
        #expect(try SearchRequest(message: search).count == 10)
        let bulk = try #require(item?["/Bulk"]?["post"]?["requestBody"]?["content"]?["application/scim+json"]?["example"])
        #expect(try BulkRequest(message: bulk).operations.count == 1)
    }

    @Test("what excludes each other in a message, or occurs once in it, is said so")
    func exclusions() {
        #expect(Bench.schema("UserSearch")?["not"] == ["required": ["startIndex", "cursor"]])
        #expect(Bench.schema("EventPoll")?["not"] == ["required": ["cursor", "from"]])
        let emails = Bench.schema("UserAttributes")?["properties"]?["emails"]
        #expect(emails?["minContains"] == 0 && emails?["maxContains"] == 1)
        #expect(Bench.schema("GroupAttributes")?["properties"]?["members"]?["contains"] == nil)
        let choices = Bench.schema("UserPatch")?["properties"]?["Operations"]?["items"]?["anyOf"]?.array ?? []
        #expect(choices.count == 3)
        #expect(choices.last?["properties"]?["path"]?["not"] == ["enum": ["userName"]])
    }

    // MARK: Patterns

    private static let validFilters = [
        #"userName eq "ada""#, "userName pr", #"USERNAME EQ "x" AND title PR"#, #"not (userName sw "a")"#,
        #"((userName pr)) or NOT(active eq true)"#, #"emails[type eq "work" and not (value co "@x]")]"#,
        #"emails[ (type eq "work")].value ew "b""#, #"meta.lastModified gt "2011-05-13T04:42:34Z""#, #"title eq"x""#,
        #"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "1""#, "  nickName eq null ", #"not sw "A""#,
    ]

    @Test("each filter fulfils the outline of filters", arguments: validFilters)
    func outline(filter: String) throws {
        _ = try Filter(parsing: filter)
        #expect(try Bench.isMatched(filter, by: Bench.schema("UserFilter")))
    }

    @Test(
        "what is far from a filter does not",
        arguments: ["userName", "userName eq", "eq \"x\"", "userName is \"x\"", "\"x\" eq userName", "userName eq\u{9}\"x\"", "1 eq 1"])
    func noFilter(text: String) throws {
        #expect(throws: SCIMError.invalidFilter("")) { try Filter(parsing: text) }
        #expect(try !Bench.isMatched(text, by: Bench.schema("UserFilter")))
    }

    @Test(
        "the patterns of single comparisons know each attribute's type",
        arguments: [
            (#"userName eq "x""#, true), ("active eq true", true), (#"active co "t""#, false), ("emails pr", true), ("name pr", true),
            (#"name eq "x""#, false), (#"meta.created lt "2024-02-28T00:00:00Z""#, true), (#"meta.created lt "x""#, false),
            (#"password eq "x""#, false), (#"nope eq "x""#, false), (#"x509Certificates.value gt "x""#, false),
            (#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department sw "x""#, true),
        ])
    func comparisons(filter: String, isMatched: Bool) throws {
        let choices = try #require(Bench.schema("UserFilter")?["anyOf"]?.array)
        #expect(try Bench.isMatched(filter, by: ["anyOf": .array(choices.dropLast())]) == isMatched)
        if isMatched { try Filter(parsing: filter).validate(for: .user, in: Bench.registry) }
    }

    @Test("each name that is listed to be sorted by is sorted by")
    func sorting() throws {
        for type in Bench.registry.resourceTypes {
            let listed = try #require(Bench.schema(type.name + "SortAttribute")?["enum"]?.array)
            let names = listed.compactMap(\.string)
            #expect(!names.contains("password") && !names.contains("pin"))
            for name in names {
                let request = try SearchRequest(parameters: [("sortBy", name)])
                #expect(try request.sortAttribute(of: type, in: Bench.registry) != nil)
            }
        }
    }

    @Test("each path that is listed for PATCH leads to something that can be changed, and others may be given too")
    func paths() throws {
        for type in Bench.registry.resourceTypes {
            let schema = try #require(Bench.schema(type.name + "Path"))
            let listed = try #require(schema["anyOf"]?.array?.first?["enum"]?.array)
            let names = listed.compactMap(\.string)
            for name in names {
                let resolved = try #require(try Bench.registry.resolve(AttributePath(parsing: name), in: type))
                #expect(resolved.attribute?.mutability != .readOnly && resolved.subAttribute?.mutability != .readOnly)
            }
            for path in [#"emails[type eq "work" and primary eq true].value"#, "TITLE", "members[value eq \"1\"]"] {
                #expect(try Bench.isMatched(path, by: schema))
            }
            for path in ["emails[", "a b", "[x]", "emails[type eq \"work\"]value"] { #expect(try !Bench.isMatched(path, by: schema)) }
        }
    }

    @Test(
        "the pattern of entity tags is as the server reads them",
        arguments: [
            ("*", true), ("W/\"3\"", true), ("\"a\", W/\"b\"", true), ("3", true), ("W/\"1-a/b\",,\"\"", true), ("\"a", false),
            ("\"a\" \"b\"", false), ("\"a b\"", false), ("", false), ("*, \"a\"", true),
        ])
    func entityTags(header: String, isTaken: Bool) throws {
        let schema = Bench.document()["components"]?["parameters"]?["If-Match"]?["schema"]
        #expect(try Bench.isMatched(header, by: schema) == isTaken)
        #expect(((try? Precondition.States(parsing: header)) != nil) == isTaken)
    }

    @Test(
        "the pattern of base64 is as the server reads it",
        arguments: [
            ("", true), ("QQ==", true), ("QQ", true), ("QUI=", true), ("-_-_", true), ("+/+/", true), ("Q", false), ("+_+_", false),
        ])
    func base64(text: String, isTaken: Bool) throws {
        let key = Bench.schema("DeviceAttributes")?["properties"]?["key"]
        #expect(key?["contentEncoding"] == "base64")
        #expect(try Bench.isMatched(text, by: key) == isTaken)
        let definition = try #require(Bench.extra.attribute("key"))
        #expect(((try? definition.normalized(.string(text), at: "key")) != nil) == isTaken)
    }
}
