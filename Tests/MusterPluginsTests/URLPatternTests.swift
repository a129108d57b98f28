import Testing

@testable import MusterPlugins

@Suite struct URLPatternTests {
    @Test(
        "a permission covers exactly what it says",
        arguments: [
            ("https://api.example.com/*", "https://api.example.com/", true),
            ("https://api.example.com/*", "https://api.example.com/a/b?c=d", true),
            ("https://api.example.com/*", "https://API.example.com:443/a", true),
            ("https://api.example.com/*", "http://api.example.com/", false),
            ("https://api.example.com/*", "https://api.example.com:8443/", false),
            ("https://api.example.com/*", "https://api.example.com.evil.net/", false),
            ("https://api.example.com/*", "https://example.com/", false),
            ("https://api.example.com/v1/*", "https://api.example.com/v1/x", true),
            ("https://api.example.com/v1/*", "https://api.example.com/v1", false),
            ("https://api.example.com/v1/*", "https://api.example.com/v10/x", false),
            ("https://api.example.com/v1", "https://api.example.com/v1?x=y", true),
            ("https://api.example.com/v1", "https://api.example.com/v1/x", false),
            ("https://*.example.com/*", "https://a.example.com/x", true), ("https://*.example.com/*", "https://a.b.example.com/x", true),
            ("https://*.example.com/*", "https://example.com/x", false), ("https://*.example.com/*", "https://evilexample.com/x", false),
            ("http://127.0.0.1:8080/*", "http://127.0.0.1:8080/x", true), ("http://127.0.0.1:8080/*", "http://127.0.0.1:80/x", false),
            ("http://[::1]:8080/*", "http://[::1]:8080/x", true),
        ])
    func matching(_ pattern: String, _ url: String, _ expected: Bool) throws {
        #expect(try URLPattern(pattern).matches(try WebAddress(url)) == expected)
    }

    @Test(
        "a URL that two readers could understand differently is refused",
        arguments: [
            "/relative", "ftp://x.example/", "https://", "https://user:secret@x.example/", "https://x.example/a/../b",
            "https://x.example/%2e%2E/b",
            "https://x.example/a b", "https://x.example\\@evil.net/", "https://x.example/é", "https://x.example:0/",
            "https://x.example:99999/",
            "https://x.example:8o/", "https://x..example/", "https://.example/", "https://[::1/", "https://x.example/\n",
        ])
    func refused(_ url: String) {
        #expect(throws: HostCallError.self) { try WebAddress(url) }
    }

    @Test(
        "redirects lead where RFC 3986 says",
        arguments: [
            ("https://b.example/c", "https://b.example/c"), ("//b.example/c", "https://b.example/c"),
            ("/c?d", "https://a.example:8443/c?d"),
            ("?d", "https://a.example:8443/x/y?d"), ("c", "https://a.example:8443/x/c"),
        ])
    func following(_ location: String, _ expected: String) throws {
        #expect(try WebAddress("https://a.example:8443/x/y?z#f").following(location).text == expected)
    }

    @Test("a setting fills a permission in; one without a value covers nothing")
    func settings() throws {
        let exact = try #require(try URLPattern("{hook}").filled { ["hook": "https://a.example/b?c=d"][$0] })
        let (hook, longer) = (try WebAddress("https://a.example/b"), try WebAddress("https://a.example/b/c"))
        #expect(exact.matches(hook) && !exact.matches(longer))
        let below = try #require(try URLPattern("{base}/*").filled { ["base": "http://10.0.0.1/b/"][$0] })
        let (inside, outside) = (try WebAddress("http://10.0.0.1/b/c"), try WebAddress("http://10.0.0.1/c"))
        #expect(below.matches(inside) && !below.matches(outside))
        #expect(below.namesAddressLiterally && !exact.namesAddressLiterally)
        #expect(try URLPattern("{hook}").filled { _ in nil } == nil)
        #expect(throws: HostCallError.self) { try URLPattern("{hook}").filled { _ in "nowhere" } }
    }
}
