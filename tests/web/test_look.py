import pytest
from site_stage import Site
OUT="/tmp/c4web/shots"
async def test_look(site: Site, things):
    import os; os.makedirs(OUT, exist_ok=True)
    pages={"home":"/","runs":"/runs","done":"/runs/"+things["done"],"failed":"/runs/"+things["failed"],"held":"/runs/"+things["held"],"accounts":"/accounts","ada":"/accounts/ada","grace":"/accounts/grace","schedules":"/schedules","schedule":"/schedules/"+things["schedule"]}
    for scheme,narrow in (("light",False),("dark",False),("light",True)):
        tab=await site.tab(scheme=scheme,narrow=narrow)
        for name,path in pages.items():
            await tab.open(path)
            await tab.page.wait_for_timeout(150)
            await tab.page.screenshot(path=f"{OUT}/{name}-{scheme}{'-360' if narrow else ''}.png", full_page=True)
            print(name, scheme, narrow, await tab.overflow(), tab.complaints)
            if narrow is False:
                v=await tab.violations()
                if v: print("\n".join(v[:8]))
            tab.complaints.clear()
