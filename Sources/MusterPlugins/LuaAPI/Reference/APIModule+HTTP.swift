extension APIModule {
    static let http = APIModule(
        name: "muster.http",
        sentence:
            "The way out. Every address, redirects too, must be among `permissions.http`; after the commit each request carries an "
            + "`Idempotency-Key` that is the same on every attempt.",
        functions: [
            function(
                "request", [.required("request", "muster.HTTPRequest", "The request.")], "Sends any request.",
                """
                local reply = muster.http.request { method = "GET", url = "https://api.example.com/people/7", timeout = 5 }
                assert(reply.status == 200)
                """),
            method(
                "get", "Sends a GET request.",
                """
                local reply = muster.http.get("https://api.example.com/people/7")
                local person = reply.decode()
                """),
            method(
                "post", "Sends a POST request.",
                """
                local reply = muster.http.post("https://api.example.com/people", { json = { name = "Ada" } })
                if reply.status >= 500 then ctx.retry { reason = "the service answers " .. reply.status } end
                """),
            method(
                "put", "Sends a PUT request.",
                """
                muster.http.put("https://api.example.com/people/7", { json = { name = "Ada" }, headers = { ["if-match"] = "*" } })
                """),
            method(
                "patch", "Sends a PATCH request.",
                """
                muster.http.patch("https://api.example.com/people/7", { body = "name=Ada", headers = { ["content-type"] = "text/plain" } })
                """),
            method(
                "delete", "Sends a DELETE request.",
                """
                muster.http.delete("https://api.example.com/people/7")
                """),
        ])

    static let url = APIModule(
        name: "muster.url", sentence: "Addresses that are put together.",
        functions: [
            APIFunction(
                "encode", [.required("text", "string", "Any text.")],
                returns: [APIReturn("string", "the same, of which only letters, digits and `-._~` stay as they are")], host: ["url_encode"],
                "Percent-encodes a text as one segment of a path, or one value of a query (RFC 3986 §2.1). `.` and `..` stay as they are, "
                    + "and are no segments that `muster.http` sends.",
                example: """
                    local address = "https://api.example.com/people/" .. muster.url.encode("7#/ä")
                    assert(address == "https://api.example.com/people/7%23%2F%C3%A4")
                    """)
        ])

    private static func method(_ name: String, _ sentence: String, _ example: String) -> APIFunction {
        function(
            name,
            [
                .required("url", "string", "Absolute; `https` or `http`."),
                .optional("options", "muster.HTTPOptions", "Headers, body, time."),
            ], sentence, example)
    }

    private static func function(_ name: String, _ parameters: [APIField], _ sentence: String, _ example: String) -> APIFunction {
        APIFunction(
            name, parameters, returns: [APIReturn("muster.HTTPReply", "the answer, whatever its status")], phases: .waiting,
            permission: .http, host: ["http_request"], sentence, example: example)
    }
}
