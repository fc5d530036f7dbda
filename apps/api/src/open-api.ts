const refused = (description: string) => ({
  description,
  content: { "application/json": { schema: { $ref: "#/components/schemas/Refusal" } } },
});

const refusals = {
  "400": refused("The body can't be read."),
  "401": refused("No key, or a signature that does not fit."),
  "413": refused("The body is too large."),
  "415": refused("The body is of a type that can't be taken."),
  "429": refused("Too many requests; Retry-After says when to try again."),
  "503": refused("It could not be stored now; send it again."),
};

const security = [{ bearer: [] }, { key: [] }];

const stored = (schema: string) => ({
  description: "Stored. What becomes of it, `bellhop event show` tells.",
  content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } },
});

const idempotency = {
  name: "Idempotency-Key",
  in: "header",
  description: "Your name for what happened: under one key it happens once, for eight days.",
  schema: { type: "string", maxLength: 256 },
};

/** What there is, in OpenAPI 3.1. */
export const openApi = {
  openapi: "3.1.0",
  info: { title: "Bellhop", version: "1", description: "Takes what happened, for rules to act on." },
  paths: {
    "/v1/openapi.json": {
      get: {
        summary: "This document.",
        responses: { "200": { description: "OpenAPI 3.1.", content: { "application/json": { schema: { type: "object" } } } } },
      },
    },
    "/v1/webhooks/{path}": {
      post: {
        summary: "Fires core.st2.webhook for the rules that wait for this path.",
        parameters: [{ name: "path", in: "path", required: true, schema: { type: "string" } }, idempotency],
        requestBody: {
          required: true,
          content: {
            "application/json": { schema: { type: ["object", "array"] } },
            "application/x-www-form-urlencoded": { schema: { type: "object" } },
          },
        },
        security: [...security, {}],
        responses: { "202": stored("Stored"), ...refusals, "403": refused("The key may not."), "404": refused("No rule waits for it.") },
      },
    },
    "/v1/webhooks/st2": {
      post: {
        summary: "Fires any trigger.",
        parameters: [idempotency],
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: {
                type: "object",
                required: ["trigger"],
                properties: {
                  trigger: { type: "string" },
                  payload: {},
                  trace: { type: "string", description: "What the chain that begins here is called." },
                },
              },
            },
          },
        },
        security,
        responses: { "202": stored("Stored"), ...refusals, "403": refused("The key may not.") },
      },
    },
    "/v1/events": {
      post: {
        summary: "Takes CloudEvents 1.0: structured, binary, or a batch.",
        requestBody: {
          required: true,
          content: {
            "application/cloudevents+json": { schema: { $ref: "#/components/schemas/CloudEvent" } },
            "application/cloudevents-batch+json": { schema: { type: "array", items: { $ref: "#/components/schemas/CloudEvent" } } },
            "*/*": { schema: {} },
          },
        },
        security,
        responses: { "202": stored("StoredEvents"), ...refusals, "403": refused("The key may not.") },
      },
    },
  },
  components: {
    securitySchemes: {
      bearer: { type: "http", scheme: "bearer" },
      key: { type: "apiKey", in: "header", name: "Bellhop-Api-Key" },
    },
    schemas: {
      Stored: {
        type: "object",
        properties: {
          event: { type: "string", description: "The event's id." },
          again: { type: "boolean", description: "It was known already." },
          trigger: { type: "string" },
        },
      },
      StoredEvents: {
        type: "object",
        properties: {
          events: { type: "array", items: { type: "object", properties: { event: { type: "string" }, again: { type: "boolean" } } } },
        },
      },
      CloudEvent: {
        type: "object",
        required: ["specversion", "id", "source", "type"],
        properties: {
          specversion: { const: "1.0" },
          id: { type: "string" },
          source: { type: "string" },
          type: { type: "string" },
          data: {},
          data_base64: { type: "string" },
        },
      },
      Refusal: {
        type: "object",
        properties: {
          error: {
            type: "object",
            properties: { code: { type: "string" }, message: { type: "string" }, hint: { type: "string" } },
          },
        },
      },
    },
  },
} as const;
