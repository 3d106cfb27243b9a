import type { Freeze } from "./raw.ts";

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const minutesPerWeek = 7 * 24 * 60;

/** The freeze window that `now` lies in; windows repeat every week in their own time zone. */
export function activeFreeze(windows: readonly Freeze[], now: Date): Freeze | undefined {
  return windows.find((window) => {
    const from = minuteOfWeek(window.from);
    const length = (minuteOfWeek(window.to) - from + minutesPerWeek) % minutesPerWeek;
    return (minuteNow(now, window.zone) - from + minutesPerWeek) % minutesPerWeek < length;
  });
}

/** "Fri 18:00" as minutes since Sunday 00:00. */
function minuteOfWeek(text: string): number {
  const [, day = "", hours = "0", minutes = "0"] = /^(\w{3}) (\d{1,2}):(\d{2})$/.exec(text) ?? [];
  return days.indexOf(day) * 24 * 60 + Number(hours) * 60 + Number(minutes);
}

function minuteNow(now: Date, zone: string): number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return minuteOfWeek(`${parts.weekday} ${parts.hour}:${parts.minute}`);
}
