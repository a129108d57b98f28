extension APIModule {
    static let mail = APIModule(
        name: "muster.mail",
        sentence:
            "Mails, through the `sendmail` of the server's machine. Every recipient must be covered by `permissions.mail`. A mail has the "
            + "same `Message-ID` on every attempt, by which mail servers and people tell that it came twice.",
        functions: [
            APIFunction(
                "send", [.required("mail", "muster.Mail", "The mail.")],
                returns: [APIReturn("muster.MailReceipt", "what tells the mail from all others")], phases: .acting, permission: .mail,
                host: ["mail_send"],
                "Hands a mail over. That it returns means that the machine has taken the mail, not that it has arrived; that the machine "
                    + "does not take it is an error, after which the event is tried again.",
                example: """
                    local receipt = muster.mail.send {
                      to = "Ada Lovelace <ada@example.com>", subject = "Welcome", text = "Hello Ada, your account is there.",
                    }
                    muster.log.info("written", { id = receipt.message_id })
                    """)
        ])
}

extension APIShape {
    /// The names and types of fields that prelude.lua checks.
    static let mail = APIShape(
        name: "muster.Mail", sentence: "A mail. An address is `ada@example.com` or `Ada Lovelace <ada@example.com>`.",
        fields: [
            .required("to", "string|string[]", "Whom it is meant for; with `cc` and `bcc` at most 50."),
            .required("subject", "string", "In one line of at most 900 bytes."),
            .required("text", "string", "The text; with `html` at most 1 MiB."),
            .optional("html", "string", "The same as HTML, for those who read it so."),
            .optional("from", "string", "From whom it comes; `mail.from` of the server's configuration where it is left out."),
            .optional("reply_to", "string", "Whom an answer goes to."),
            .optional("cc", "string|string[]", "Who gets a copy."),
            .optional("bcc", "string|string[]", "Who gets a copy of which the others do not know."),
            .optional(
                "headers", "table<string, string>",
                "Further headers, at most 20; none that a mail has anyway, such as `From` or `Content-Type`."),
        ])

    static let mailReceipt = APIShape(
        name: "muster.MailReceipt", sentence: "A mail that was handed over.",
        fields: [.required("message_id", "string", "Its `Message-ID`, in angle brackets.")])
}
