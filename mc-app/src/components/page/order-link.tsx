import { designTokens } from "@commercetools-uikit/design-system";
import type { ReactNode } from "react";
import { useText } from "../../hooks/use-text.ts";

const link = { color: designTokens.colorPrimary30, fontSize: designTokens.fontSize30 } as const;

const visuallyHidden = {
  position: "absolute",
  width: "1px",
  height: "1px",
  overflow: "hidden",
  clipPath: "inset(50%)",
  whiteSpace: "nowrap",
} as const;

type Props = { projectKey: string; orderId: string; children: ReactNode };

/** To the page of an order in the Merchant Center, which opens beside this one. */
export function OrderLink({ projectKey, orderId, children }: Props) {
  const text = useText();
  return (
    <a
      css={link}
      href={`/${encodeURIComponent(projectKey)}/orders/${encodeURIComponent(orderId)}/general`}
      target="_blank"
      rel="noreferrer"
    >
      {children}
      <span css={visuallyHidden}>{text("Exceptions.newTab")}</span>
    </a>
  );
}
